import { s3Error } from "../s3/errors.ts";
import { xmlDocument } from "../s3/xml.ts";
import type { Right } from "./access.ts";
import { deleteBucket, getLocation, headBucket } from "./bucket-operations.ts";
import { copyObject, copyPart } from "./copy-operations.ts";
import { listObjects, listObjectsV2, listUploads, listVersions } from "./list-documents.ts";
import {
  abortUpload,
  completeUpload,
  createUpload,
  listParts,
  uploadPart,
} from "./multipart-operations.ts";
import {
  deleteObject,
  deleteObjects,
  deleteObjectTagging,
  getObject,
  getObjectAcl,
  getObjectAttributes,
  getObjectTagging,
  putObject,
  putObjectAcl,
  putObjectTagging,
} from "./object-operations.ts";
import { done, type Operation, type Route, xmlResponse } from "./operation.ts";
import {
  deleteCors,
  deleteEncryption,
  deleteLifecycle,
  deleteOwnership,
  deletePolicy,
  deletePublicAccess,
  deleteTagging,
  getAcl,
  getCors,
  getEncryption,
  getLifecycle,
  getOwnership,
  getPolicy,
  getPolicyStatus,
  getPublicAccess,
  getTagging,
  getVersioning,
  putAcl,
  putCors,
  putEncryption,
  putLifecycle,
  putOwnership,
  putPolicy,
  putPublicAccess,
  putTagging,
  putVersioning,
} from "./setting-operations.ts";

const route = (
  right: Right,
  action: string | undefined,
  perform: Operation,
  versionAction?: string,
): Route => ({
  action: action && `s3:${action}`,
  right,
  perform,
  ...(versionAction === undefined ? {} : { versionAction: `s3:${versionAction}` }),
});

const setting = (action: string, perform: Operation): Route => route("settings", action, perform);

/** An answer of a bucket that does not have such a thing, which no bucket here can have. */
const empty =
  (root: string, content: object = {}): Operation =>
  async () =>
    xmlResponse(xmlDocument(root, content));

const missing =
  (code: string, message: string): Operation =>
  async () => {
    throw s3Error(404, code, message);
  };

const nothingToDelete: Operation = async () => done(204);

/** By method and the parameter that names the operation. */
type Routes = Readonly<Record<string, Route>>;

const BUCKET_ROUTES: Routes = {
  "GET ": route("read", "ListBucket", listObjects),
  "GET list-type": route("read", "ListBucket", listObjectsV2),
  "HEAD ": route("read", "ListBucket", headBucket),
  "DELETE ": setting("DeleteBucket", deleteBucket),
  "POST delete": route("write", undefined, deleteObjects),
  "GET versions": route("read", "ListBucketVersions", listVersions),
  "GET uploads": route("read", "ListBucketMultipartUploads", listUploads),
  "GET location": route("read", "GetBucketLocation", getLocation),
  "GET versioning": setting("GetBucketVersioning", getVersioning),
  "PUT versioning": setting("PutBucketVersioning", putVersioning),
  "GET encryption": setting("GetEncryptionConfiguration", getEncryption),
  "PUT encryption": setting("PutEncryptionConfiguration", putEncryption),
  "DELETE encryption": setting("PutEncryptionConfiguration", deleteEncryption),
  "GET publicAccessBlock": setting("GetBucketPublicAccessBlock", getPublicAccess),
  "PUT publicAccessBlock": setting("PutBucketPublicAccessBlock", putPublicAccess),
  "DELETE publicAccessBlock": setting("PutBucketPublicAccessBlock", deletePublicAccess),
  "GET ownershipControls": setting("GetBucketOwnershipControls", getOwnership),
  "PUT ownershipControls": setting("PutBucketOwnershipControls", putOwnership),
  "DELETE ownershipControls": setting("PutBucketOwnershipControls", deleteOwnership),
  "GET acl": setting("GetBucketAcl", getAcl),
  "PUT acl": setting("PutBucketAcl", putAcl),
  "GET policy": setting("GetBucketPolicy", getPolicy),
  "PUT policy": setting("PutBucketPolicy", putPolicy),
  "DELETE policy": setting("DeleteBucketPolicy", deletePolicy),
  "GET policyStatus": setting("GetBucketPolicyStatus", getPolicyStatus),
  "GET tagging": setting("GetBucketTagging", getTagging),
  "PUT tagging": setting("PutBucketTagging", putTagging),
  "DELETE tagging": setting("PutBucketTagging", deleteTagging),
  "GET cors": setting("GetBucketCORS", getCors),
  "PUT cors": setting("PutBucketCORS", putCors),
  "DELETE cors": setting("PutBucketCORS", deleteCors),
  "GET lifecycle": setting("GetLifecycleConfiguration", getLifecycle),
  "PUT lifecycle": setting("PutLifecycleConfiguration", putLifecycle),
  "DELETE lifecycle": setting("PutLifecycleConfiguration", deleteLifecycle),
  "GET accelerate": setting("GetAccelerateConfiguration", empty("AccelerateConfiguration")),
  "GET logging": setting("GetBucketLogging", empty("BucketLoggingStatus")),
  "GET notification": setting("GetBucketNotification", empty("NotificationConfiguration")),
  "GET requestPayment": setting(
    "GetBucketRequestPayment",
    empty("RequestPaymentConfiguration", { Payer: "BucketOwner" }),
  ),
  "GET website": setting(
    "GetBucketWebsite",
    missing(
      "NoSuchWebsiteConfiguration",
      "The specified bucket does not have a website configuration",
    ),
  ),
  "DELETE website": setting("DeleteBucketWebsite", nothingToDelete),
  "GET replication": setting(
    "GetReplicationConfiguration",
    missing("ReplicationConfigurationNotFoundError", "The replication configuration was not found"),
  ),
  "DELETE replication": setting("PutReplicationConfiguration", nothingToDelete),
  "GET object-lock": setting(
    "GetBucketObjectLockConfiguration",
    missing(
      "ObjectLockConfigurationNotFoundError",
      "Object Lock configuration does not exist for this bucket",
    ),
  ),
};

const OBJECT_ROUTES: Routes = {
  "GET ": route("read", "GetObject", getObject, "GetObjectVersion"),
  "HEAD ": route("read", "GetObject", getObject, "GetObjectVersion"),
  "PUT ": route("write", "PutObject", putObject),
  "PUT +copy": route("write", "PutObject", copyObject),
  "DELETE ": route("write", "DeleteObject", deleteObject, "DeleteObjectVersion"),
  "GET attributes": route(
    "read",
    "GetObjectAttributes",
    getObjectAttributes,
    "GetObjectVersionAttributes",
  ),
  "GET acl": route("read", "GetObjectAcl", getObjectAcl, "GetObjectVersionAcl"),
  "PUT acl": route("write", "PutObjectAcl", putObjectAcl, "PutObjectVersionAcl"),
  "GET tagging": route("read", "GetObjectTagging", getObjectTagging, "GetObjectVersionTagging"),
  "PUT tagging": route("write", "PutObjectTagging", putObjectTagging, "PutObjectVersionTagging"),
  "DELETE tagging": route(
    "write",
    "DeleteObjectTagging",
    deleteObjectTagging,
    "DeleteObjectVersionTagging",
  ),
  "POST uploads": route("write", "PutObject", createUpload),
  "PUT uploadId": route("write", "PutObject", uploadPart),
  "PUT uploadId+copy": route("write", "PutObject", copyPart),
  "POST uploadId": route("write", "PutObject", completeUpload),
  "DELETE uploadId": route("write", "AbortMultipartUpload", abortUpload),
  "GET uploadId": route("read", "ListMultipartUploadParts", listParts),
};

/** Parameters that say how an operation is done; any other says which one it is. */
const MODIFIERS =
  /^(x-id|x-amz-.*|response-.*|prefix|delimiter|encoding-type|max-keys|marker|continuation-token|start-after|fetch-owner|key-marker|version-id-marker|upload-id-marker|max-uploads|max-parts|max-buckets|bucket-region|part-number-marker|partNumber|versionId)$/i;

/** Of a read of an object, every other parameter is its reader's own, such as one against caches. */
const OBJECT_READS = /^(acl|attributes|legal-hold|retention|tagging|torrent|uploadId)$/;

/** The parameter that names the operation; empty where none does. */
export function operationName(query: URLSearchParams, method: string, isObject: boolean): string {
  const isRead = isObject && (method === "GET" || method === "HEAD");
  const names = (name: string) => (isRead ? OBJECT_READS.test(name) : !MODIFIERS.test(name));
  return [...query.keys()].find(names) ?? "";
}

/** The operation on a bucket, or on an object in one; undefined for those that are not served. */
export function routeOf(
  { method, headers }: Request,
  name: string,
  target: "bucket" | "object",
): Route | undefined {
  const routes = target === "bucket" ? BUCKET_ROUTES : OBJECT_ROUTES;
  const isCopy = target === "object" && method === "PUT" && headers.has("x-amz-copy-source");
  const operation = `${method} ${name}${isCopy ? "+copy" : ""}`;
  return Object.hasOwn(routes, operation) ? routes[operation] : undefined;
}
