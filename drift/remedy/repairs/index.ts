import type { Difference } from "../../finding.ts";
import { BUCKET_REPAIRS } from "./buckets.ts";
import { CLOUDFLARE_REPAIRS } from "./cloudflare.ts";
import { d1Repair } from "./d1.ts";
import { DIGITALOCEAN_REPAIRS } from "./digitalocean.ts";
import { POSTGRES_REPAIRS } from "./postgres.ts";
import type { Repair, RepairRule } from "./repair.ts";

const RULES: readonly RepairRule[] = [
  ...CLOUDFLARE_REPAIRS,
  ...BUCKET_REPAIRS,
  ...DIGITALOCEAN_REPAIRS,
  ...POSTGRES_REPAIRS,
];

/** What ends a difference that lies beside every resource; undefined where Pulumi ends it, or nothing does. */
export function repairFor(difference: Difference): Repair | undefined {
  const { subject, key = "" } = difference;
  for (const { types, key: pattern, repair } of RULES) {
    const [, rest] = pattern.exec(key) ?? [];
    if (rest !== undefined && types.includes(subject.type)) return repair(subject, rest);
  }
  return d1Repair(difference);
}
