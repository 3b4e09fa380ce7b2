import { AWS_DRIFTS } from "./aws.ts";
import { DRIFTS_BESIDE } from "./beside.ts";
import { CLOUDFLARE_DRIFTS } from "./cloudflare.ts";
import { DATABASE_DRIFTS } from "./databases.ts";
import { DIGITALOCEAN_DRIFTS } from "./digitalocean.ts";
import type { DriftCase } from "./drift-case.ts";

/** Every drift, over every resource type of the estate that exists at a vendor. */
export const DRIFTS: readonly DriftCase[] = [
  ...CLOUDFLARE_DRIFTS,
  ...DIGITALOCEAN_DRIFTS,
  ...AWS_DRIFTS,
  ...DATABASE_DRIFTS,
  ...DRIFTS_BESIDE,
];
