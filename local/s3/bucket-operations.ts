import {
  changeBucket,
  createBucket,
  deleteBucket,
  LOCATIONS,
  type Location,
  listBuckets,
  requireBucket,
} from "../cloudflare/r2/buckets.ts";
import { noCorsConfiguration } from "../cloudflare/r2/errors.ts";
import { corsDocument, readCorsDocument } from "./cors-document.ts";
import { malformedXml, s3Error } from "./errors.ts";
import { type Operation, xmlResponse } from "./operation.ts";
import { documentOf } from "./payload.ts";
import { children, childText, parseXml, xmlDocument } from "./xml.ts";

/** Names of no location: the vendor chooses. */
const ANY_LOCATION = ["auto", "us-east-1", ""];
const MAX_DELETED_KEYS = 1000;
const UNSUPPORTED_AT_CREATION =
  /^x-amz-(acl|grant-.*|object-ownership|bucket-object-lock-enabled|expected-bucket-owner)$/;

export const listAllBuckets: Operation = async ({ cloud, caller }) => {
  const buckets = listBuckets(cloud, caller.accountId).map(({ name, createdAt }) => ({
    Name: name,
    CreationDate: createdAt,
  }));
  return xmlResponse(
    xmlDocument("ListAllMyBucketsResult", {
      Owner: { ID: caller.accountId, DisplayName: caller.accountId },
      Buckets: buckets.length === 0 ? {} : { Bucket: buckets },
    }),
  );
};

export const createOneBucket: Operation = async ({ cloud, caller, request, bucket, payload }) => {
  for (const [name, value] of request.headers) {
    if (UNSUPPORTED_AT_CREATION.test(name)) {
      throw s3Error(
        501,
        "NotImplemented",
        `Header '${name}' with value '${value}' not implemented`,
      );
    }
  }
  const text = await documentOf(payload);
  const configuration = text === "" ? undefined : parseXml(text, "CreateBucketConfiguration");
  if (text !== "" && configuration === undefined) throw malformedXml();
  const constraint = (childText(configuration, "LocationConstraint") ?? "").toLowerCase();
  const location = LOCATIONS.find((candidate) => candidate === constraint);
  if (location === undefined && !ANY_LOCATION.includes(constraint)) {
    throw s3Error(
      400,
      "InvalidLocationConstraint",
      "The specified location constraint is not valid.",
    );
  }
  const created: { name: string; location?: Location } = { name: bucket };
  if (location !== undefined) created.location = location;
  createBucket(cloud, caller.accountId, created);
  return new Response(null, { status: 200, headers: { location: `/${bucket}` } });
};

export const deleteOneBucket: Operation = async ({ cloud, caller, bucket }) => {
  await deleteBucket(cloud, caller.accountId, bucket);
  return new Response(null, { status: 204 });
};

export const getLocation: Operation = async ({ cloud, caller, bucket }) => {
  const { body } = requireBucket(cloud, caller.accountId, bucket);
  return xmlResponse(xmlDocument("LocationConstraint", { "#text": body.location.toUpperCase() }));
};

export const getCors: Operation = async ({ cloud, caller, bucket }) => {
  const { cors } = requireBucket(cloud, caller.accountId, bucket).body;
  if (cors === undefined) throw noCorsConfiguration();
  return xmlResponse(corsDocument(cors));
};

export const putCors: Operation = async ({ cloud, caller, bucket, payload }) => {
  const target = requireBucket(cloud, caller.accountId, bucket);
  const cors = readCorsDocument(await documentOf(payload));
  changeBucket(cloud, target, (body) => ({ ...body, cors }));
  return new Response(null, { status: 200 });
};

export const deleteCors: Operation = async ({ cloud, caller, bucket }) => {
  const target = requireBucket(cloud, caller.accountId, bucket);
  changeBucket(cloud, target, ({ cors: _, ...body }) => body);
  return new Response(null, { status: 204 });
};

/** Deletes up to 1000 keys; keys that do not exist count as deleted. */
export const deleteObjects: Operation = async ({ cloud, caller, bucket, payload }) => {
  const { account, name } = requireBucket(cloud, caller.accountId, bucket);
  const document = parseXml(await documentOf(payload), "Delete");
  const keys = children(document, "Object").map((object) => {
    const key = childText(object, "Key");
    if (key === undefined || key === "") throw malformedXml();
    return key;
  });
  if (keys.length === 0 || keys.length > MAX_DELETED_KEYS) throw malformedXml();
  await cloud.runtimes.of(account).bucket(name, (binding) => binding.delete(keys));
  const isQuiet = childText(document, "Quiet")?.trim() === "true";
  return xmlResponse(
    xmlDocument("DeleteResult", isQuiet ? {} : { Deleted: keys.map((Key) => ({ Key })) }),
  );
};
