import type { ContentfulStatusCode } from "hono/utils/http-status";
import { ApiError } from "../envelope.ts";

/**
 * A refusal of R2, which has a number for the v4 API and a name for the S3 API.
 * @see https://developers.cloudflare.com/r2/api/error-codes/
 */
export class R2Error extends ApiError {
  readonly s3Code: string;

  constructor(status: ContentfulStatusCode, code: number, s3Code: string, message: string) {
    super(status, code, message);
    this.s3Code = s3Code;
  }
}

export const invalidBucketName = () =>
  new R2Error(400, 10005, "InvalidBucketName", "The specified bucket name is not valid.");

export const noSuchBucket = () =>
  new R2Error(404, 10006, "NoSuchBucket", "The specified bucket does not exist.");

export const noSuchKey = () =>
  new R2Error(404, 10007, "NoSuchKey", "The specified key does not exist.");

export const invalidObjectName = () =>
  new R2Error(400, 10020, "InvalidObjectName", "The specified object name is not valid.");

export const bucketExists = () =>
  new R2Error(
    409,
    10004,
    "BucketAlreadyOwnedByYou",
    "The bucket you tried to create already exists, and you own it.",
  );

export const bucketNotEmpty = () =>
  new R2Error(409, 10008, "BucketNotEmpty", "The bucket you tried to delete is not empty.");

export const missingContentLength = () =>
  new R2Error(
    411,
    10033,
    "MissingContentLength",
    "You must provide the Content-Length HTTP header.",
  );

export const entityTooLarge = () =>
  new R2Error(
    400,
    100100,
    "EntityTooLarge",
    "Your proposed upload exceeds the maximum allowed object size.",
  );

export const noCorsConfiguration = () =>
  new R2Error(404, 10059, "NoSuchCORSConfiguration", "The CORS configuration does not exist.");

/** What this account cannot have; the local cloud's accounts lack jurisdictions, for instance. */
export const notEntitled = (feature: string) =>
  new R2Error(403, 10042, "NotEntitled", `Account not entitled to this feature: ${feature}.`);

export const notImplemented = (what: string) =>
  new R2Error(501, 10000, "NotImplemented", `${what} not implemented`);

export const INVALID_ARGUMENT = 10029;

const NUMBERS: Readonly<Record<string, number>> = {
  InternalError: 10001,
  NoSuchKey: 10007,
  MetadataTooLarge: 10012,
  InvalidObjectName: 10020,
  InvalidArgument: INVALID_ARGUMENT,
  PreconditionFailed: 10031,
  InvalidRange: 10039,
};

/** The v4 API's number for an error of the S3 API. */
export const numberOf = (s3Code: string): number => NUMBERS[s3Code] ?? INVALID_ARGUMENT;
