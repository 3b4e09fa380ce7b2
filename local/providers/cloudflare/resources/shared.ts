/** Rows that several property tables share. */
import { defineResource } from "../../../../providers/sdk/definition.ts";
import type { CloudflareClient } from "../client.ts";

/** {@link defineResource} for this plugin's client. */
export const define = defineResource<CloudflareClient>();

/** The account that owns the resource. */
export const accountId = {
  type: "string",
  mode: "required",
  replace: true,
  doc: "Account identifier tag.",
} as const;

/** The jurisdiction of an R2 bucket. */
export const r2Jurisdiction = {
  type: "string",
  mode: "optional",
  replace: true,
  unset: "default",
  values: ["default", "eu", "fedramp", "us"],
  doc: "Jurisdiction where objects in this bucket are guaranteed to be stored.",
} as const;

/** The header that selects the jurisdiction of an R2 request. */
export function inJurisdiction(known: { readonly jurisdiction?: string | null | undefined }): {
  "cf-r2-jurisdiction"?: "default" | "eu" | "fedramp" | "us";
} {
  const { jurisdiction } = known;
  return jurisdiction === "eu" || jurisdiction === "fedramp" || jurisdiction === "us"
    ? { "cf-r2-jurisdiction": jurisdiction }
    : {};
}
