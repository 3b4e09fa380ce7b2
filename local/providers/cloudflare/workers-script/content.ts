/** A Worker's module: read for an upload, and fetched back to see whether somebody changed it. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { ProviderError } from "../../../../providers/sdk/fault.ts";

/** The program's module text. Throws {@link ProviderError} when the file is missing or has another hash. */
export async function readContent(inputs: {
  readonly scriptName: string;
  readonly content?: string | undefined;
  readonly contentFile?: string | undefined;
  readonly contentSha256?: string | undefined;
}): Promise<string> {
  const { content, contentFile, contentSha256, scriptName } = inputs;
  if (content !== undefined) return content;
  if (contentFile === undefined)
    throw new ProviderError(
      `The Worker ${scriptName} has neither content nor contentFile. Set one of them.`,
    );
  const text = await readFile(contentFile, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new ProviderError(
      `The Worker ${scriptName}'s contentFile ${contentFile} cannot be read (${error.code}). Build it, or correct the path.`,
    );
  });
  if (sha256(text) !== contentSha256)
    throw new ProviderError(
      `The Worker ${scriptName}'s contentFile ${contentFile} has not the SHA-256 that contentSha256 says. Build it again and run \`pulumi up\` again.`,
    );
  return text;
}

/**
 * The main module in an answer of the content endpoint, which is multipart for modules and plain
 * for a single script. Undefined when the part is not there.
 */
export async function moduleOf(answer: Response, mainModule: string): Promise<string | undefined> {
  const type = answer.headers.get("content-type") ?? "";
  if (!type.startsWith("multipart/form-data")) return answer.text();
  const form = await answer.formData();
  const entry = form.get(mainModule) ?? [...form.values()][0];
  return entry === undefined || entry === null || typeof entry === "string"
    ? (entry ?? undefined)
    : entry.text();
}

/** Hex SHA-256 of a text. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
