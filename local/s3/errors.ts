import type { ContentfulStatusCode } from "hono/utils/http-status";
import { numberOf, R2Error } from "../cloudflare/r2/errors.ts";
import { xmlError } from "../cloudflare/r2/xml.ts";

/** A refusal of the S3 API, by its name. */
export const s3Error = (status: ContentfulStatusCode, code: string, message: string): R2Error =>
  new R2Error(status, numberOf(code), code, message);

export const invalidArgument = (message: string) => s3Error(400, "InvalidArgument", message);

export const unauthorized = () => s3Error(401, "Unauthorized", "Unauthorized");

export const malformedXml = () =>
  s3Error(
    400,
    "MalformedXML",
    "The XML you provided was not well formed or did not validate against our published schema.",
  );

/** The refusal as S3 answers it. */
export const errorResponse = ({ status, s3Code, message }: R2Error): Response =>
  new Response(xmlError(s3Code, message), {
    status,
    headers: { "content-type": "application/xml" },
  });
