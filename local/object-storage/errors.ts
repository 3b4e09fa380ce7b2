import { type S3Error, s3Error } from "../s3/errors.ts";

/** Refusals of object storage that more than one place makes, in the vendors' words. */

export const accessDenied = (message = "Access Denied"): S3Error =>
  s3Error(403, "AccessDenied", message);

export const noSuchBucket = (name: string): S3Error =>
  s3Error(404, "NoSuchBucket", "The specified bucket does not exist", {
    details: { BucketName: name },
  });

export const bucketAlreadyExists = (name: string): S3Error =>
  s3Error(
    409,
    "BucketAlreadyExists",
    "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.",
    { details: { BucketName: name } },
  );

export const bucketAlreadyOwnedByYou = (name: string): S3Error =>
  s3Error(
    409,
    "BucketAlreadyOwnedByYou",
    "Your previous request to create the named bucket succeeded and you already own it.",
    { details: { BucketName: name } },
  );

export const noSuchKey = (key: string, headers: Readonly<Record<string, string>> = {}): S3Error =>
  s3Error(404, "NoSuchKey", "The specified key does not exist.", {
    details: { Key: key },
    headers,
  });

export const noSuchUpload = (): S3Error =>
  s3Error(
    404,
    "NoSuchUpload",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
  );

export const preconditionFailed = (condition: string): S3Error =>
  s3Error(
    412,
    "PreconditionFailed",
    "At least one of the pre-conditions you specified did not hold",
    {
      details: { Condition: condition },
    },
  );

export const invalidRequest = (message: string): S3Error => s3Error(400, "InvalidRequest", message);

/** What the vendor has and the local cloud does not, or what the vendor itself does not have. */
export const notImplemented = (what: string): S3Error =>
  s3Error(501, "NotImplemented", `${what} is not implemented.`);
