import { ApiError } from "../envelope.ts";
import type { ApiContext } from "../service.ts";
import { WORKERS_ERROR } from "./scripts.ts";

/** The request's multipart form, or the vendor's refusal of one that cannot be read. */
export async function readForm(context: ApiContext): Promise<FormData> {
  try {
    return await context.req.raw.formData();
  } catch {
    throw malformed("The request body is not a multipart form that can be read.");
  }
}

/** The value of a form's part that is JSON. */
export async function jsonPart(form: FormData, name: string): Promise<unknown> {
  const part = form.get(name);
  if (part === null) throw malformed(`The part \`${name}\` is missing.`);
  const source = typeof part === "string" ? part : await part.text();
  try {
    return JSON.parse(source);
  } catch {
    throw malformed(`The part \`${name}\` is not valid JSON.`);
  }
}

const malformed = (message: string) => new ApiError(400, WORKERS_ERROR.malformed, message);
