import { expect, test } from "vitest";
import { awsCode, awsFault, orMissing } from "../../../local/providers/aws/fault.ts";

/** An error as the SDK throws it for an answer. */
const answer = (name: string, status: number, message = "as the vendor says") =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });

/** An error as the SDK throws it without an answer. */
const silence = (code: string) => Object.assign(new Error("connect"), { code, $metadata: {} });

test.each([
  ["DBInstanceNotFoundFault", 404, "not-found"],
  ["ReplicationGroupNotFoundFault", 404, "not-found"],
  ["InvalidVpcID.NotFound", 400, "not-found"],
  ["NoSuchBucketPolicy", 404, "not-found"],
  ["ServerSideEncryptionConfigurationNotFoundError", 404, "not-found"],
  ["NotFound", 404, "not-found"],
  ["DBInstanceAlreadyExistsFault", 400, "conflict"],
  ["BucketAlreadyOwnedByYou", 409, "conflict"],
  ["BucketAlreadyExists", 409, "conflict"],
  ["InvalidGroup.Duplicate", 400, "conflict"],
  ["Throttling", 400, "unavailable"],
  ["SlowDown", 503, "unavailable"],
  ["InternalFailure", 500, "lost"],
  ["NotImplemented", 501, "refused"],
  ["BucketNotEmpty", 409, "refused"],
  ["InvalidParameterValue", 400, "refused"],
  ["SignatureDoesNotMatch", 403, "refused"],
])("%s (HTTP %i) is %s", (name, status, kind) => {
  expect(awsFault(answer(name, status), [])).toMatchObject({
    kind,
    message: "as the vendor says",
    code: name.replace("Fault", ""),
  });
});

test("nothing that listens is told apart from an answer that was lost", () => {
  expect(awsFault(silence("ECONNREFUSED"), [])?.kind).toBe("unavailable");
  expect(awsFault(silence("ECONNRESET"), [])?.kind).toBe("lost");
  expect(awsFault(silence("ECONNREFUSED"), ["http://127.0.0.1:7381"])).toMatchObject({
    message: "http://127.0.0.1:7381 does not answer",
    remedy: expect.stringContaining("npx bulkhead local up"),
  });
});

test("credentials that the vendor does not take are told with the remedy", () => {
  const fault = awsFault(answer("InvalidClientTokenId", 403), []);
  expect(fault?.remedy).toContain("AWS_ACCESS_KEY_ID");
});

test("an error that is not the SDK's is no fault", () => {
  expect(awsFault(new TypeError("a defect"), [])).toBeUndefined();
  expect(awsCode(new TypeError("a defect"))).toBeUndefined();
});

test("only the vendor's not found becomes undefined", async () => {
  expect(await orMissing(Promise.reject(answer("NoSuchBucket", 404)))).toBeUndefined();
  await expect(orMissing(Promise.reject(answer("AccessDenied", 403)))).rejects.toThrow();
  expect(await orMissing(Promise.resolve(1))).toBe(1);
});
