import * as z from "zod";
import { MANIFEST_FORMAT, type Manifest, manifestSchema } from "./schema.ts";

/** A manifest, or what is wrong with it and what to do, two sentences. */
export type ReadManifest = { readonly manifest: Manifest } | { readonly problem: string };

const [FORMAT_NAME = "", FORMAT_VERSION = ""] = MANIFEST_FORMAT.split("/");

/** Problems that are told of one manifest. */
const MOST_PROBLEMS = 3;

/** Reads what another stack has exported, whatever it may be. Never throws. */
export function readManifest(value: unknown): ReadManifest {
  const format = formatOf(value);
  if (format === undefined) {
    return {
      problem:
        "The value is not an isolation manifest. " +
        "Deploy the stack with a program that exports the output of isolation/.",
    };
  }
  if (format !== MANIFEST_FORMAT) return { problem: versionProblem(format) };
  const read = manifestSchema.safeParse(value);
  if (read.success) return { manifest: read.data };
  const issues = read.error.issues.slice(0, MOST_PROBLEMS).map(describe);
  return {
    problem: `The isolation manifest is not well-formed: ${issues.join("; ")}. Deploy the stack again.`,
  };
}

function formatOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !("format" in value)) return undefined;
  return typeof value.format === "string" ? value.format : undefined;
}

function versionProblem(format: string): string {
  const [name, version = ""] = format.split("/");
  const isNewer = name === FORMAT_NAME && Number(version) > Number(FORMAT_VERSION);
  return isNewer
    ? `The isolation manifest has the format ${format}, and this version of Bulkhead reads ` +
        `${MANIFEST_FORMAT}. Update Bulkhead to the version that the other stack was deployed with.`
    : `The isolation manifest has the format ${JSON.stringify(format.slice(0, 64))}, which is not ` +
        `known. Deploy the stack again with this version of Bulkhead.`;
}

/** Names the place; a manifest's content may be anything and is not repeated. */
function describe({ path, code }: z.core.$ZodIssue): string {
  const place = path.length === 0 ? "the manifest" : z.core.toDotPath(path);
  return `${place} has ${PROBLEMS[code] ?? "a wrong value"}`;
}

const PROBLEMS: Readonly<Partial<Record<z.core.$ZodIssue["code"], string>>> = {
  invalid_type: "a value of the wrong type, or none",
  unrecognized_keys: "a property that the format does not know",
};
