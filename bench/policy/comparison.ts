import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { compare, megabytes } from "../measure.ts";
import { installConftest, runConftest } from "./conftest.ts";
import { CLAIMS, CONFLICTS, writeManifests } from "./manifests.ts";

const PROGRAM = fileURLToPath(new URL("../policy-compare.ts", import.meta.url));
const SIZES = [10, 100, 1000];
const RUNS = 5;

/** Conflicts among many stacks: `compareManifests` beside the least that can answer, and conftest. */
export async function benchComparison(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bulkhead-bench-"));
  try {
    const conftest = await installConftest();
    for (const size of SIZES) {
      const manifests = join(folder, String(size));
      writeManifests(manifests, size);
      await compareStacks(manifests, size);
      if (conftest !== undefined) console.log(await runConftest(conftest, manifests, size));
      rmSync(manifests, { recursive: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compareStacks(folder: string, size: number): Promise<void> {
  const memory = new Map<string, number>();
  const run = async (way: string): Promise<void> => {
    const { stdout } = await execa(process.execPath, [PROGRAM, way, folder]);
    const { conflicts, residentBytes } = JSON.parse(stdout);
    if (conflicts !== CONFLICTS)
      throw new Error(`${way} found ${conflicts} conflicts; there are ${CONFLICTS}.`);
    memory.set(way, Math.max(memory.get(way) ?? 0, residentBytes));
  };
  await compare(
    `${size} stacks of ${CLAIMS} claims`,
    [
      { name: "JSON.parse and hash maps", run: () => run("floor") },
      { name: "compareManifests, with places", run: () => run("isolation") },
    ],
    RUNS,
  );
  const [floor, isolation] = ["floor", "isolation"].map((way) => megabytes(memory.get(way)));
  console.log(`Most memory, resident: ${floor} and ${isolation}.`);
}
