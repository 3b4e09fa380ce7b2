import type { ContentfulStatusCode } from "hono/utils/http-status";
import { xmlError } from "./xml.ts";

/** What S3's answer to a refused request needs. */
export interface S3Refusal {
  readonly status: ContentfulStatusCode;
  /** `NoSuchKey`, … */
  readonly s3Code: string;
  readonly message: string;
  /** More elements of the answer's document. */
  readonly details?: Readonly<Record<string, string>>;
  /** More headers of the answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal of the S3 API. @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export class S3Error extends Error implements S3Refusal {
  readonly status: ContentfulStatusCode;
  readonly s3Code: string;
  readonly details: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor({ status, s3Code, message, details = {}, headers = {} }: S3Refusal) {
    super(message);
    this.status = status;
    this.s3Code = s3Code;
    this.details = details;
    this.headers = headers;
  }
}

/** A refusal of the S3 API, by its name. */
export const s3Error = (
  status: ContentfulStatusCode,
  s3Code: string,
  message: string,
  more: Pick<S3Refusal, "details" | "headers"> = {},
): S3Error => new S3Error({ status, s3Code, message, ...more });

export const invalidArgument = (message: string) => s3Error(400, "InvalidArgument", message);

export const unauthorized = () => s3Error(401, "Unauthorized", "Unauthorized");

export const malformedXml = () =>
  s3Error(
    400,
    "MalformedXML",
    "The XML you provided was not well formed or did not validate against our published schema.",
  );

/** The refusal as S3 answers it. */
export const errorResponse = ({ status, s3Code, message, details, headers }: S3Refusal): Response =>
  new Response(xmlError(s3Code, message, details), {
    status,
    headers: { ...headers, "content-type": "application/xml" },
  });
