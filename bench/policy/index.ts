import { benchComparison } from "./comparison.ts";
import { benchGuessing } from "./guessing.ts";
import { benchPreview } from "./preview.ts";
import { benchReading } from "./reading.ts";

/** What isolation costs: comparing stacks, reading texts, a preview with the pack; and what guessing costs. */
export async function benchPolicy(): Promise<void> {
  await benchGuessing();
  benchReading();
  await benchComparison();
  await benchPreview();
}
