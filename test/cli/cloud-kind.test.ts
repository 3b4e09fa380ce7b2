import { expect, test } from "vitest";
import { type CloudKind, chooseCloud as choose } from "../../cli/cloud/kind.ts";

const chooseCloud = (option: CloudKind | undefined, env: NodeJS.ProcessEnv) =>
  choose(option, env, "/p/.bulkhead");

test("without any sign of the vendor it is the local cloud", () => {
  expect(chooseCloud(undefined, { HOME: "/x", CLOUDFLARE_API_TOKEN: "" }).kind).toBe("local");
});

test.each([
  "PULUMI_BACKEND_URL",
  "CLOUDFLARE_API_TOKEN",
  "CLOUDFLARE_API_TOKEN_STAGING",
  "CLOUDFLARE_API_KEY",
])("%s means the vendor, and the reason is named", (name) => {
  expect(chooseCloud(undefined, { [name]: "x" })).toEqual({
    kind: "vendor",
    because: `${name} is set`,
  });
});

test("BULKHEAD_CLOUD beats the signs, and --cloud beats BULKHEAD_CLOUD", () => {
  const env = { BULKHEAD_CLOUD: "local", CLOUDFLARE_API_TOKEN: "x" };
  expect(chooseCloud(undefined, env)).toEqual({ kind: "local", because: "BULKHEAD_CLOUD" });
  expect(chooseCloud("vendor", env)).toEqual({ kind: "vendor", because: "--cloud" });
});

test("a wrong BULKHEAD_CLOUD is named with what it may be", () => {
  expect(() => chooseCloud(undefined, { BULKHEAD_CLOUD: "aws" })).toThrow(
    'BULKHEAD_CLOUD is "aws", which is no cloud. Set it to local or vendor, or unset it.',
  );
});

test.each<[string, string]>([
  ["CLOUDFLARE_BASE_URL", "http://127.0.0.1:7380/client/v4"],
  ["CLOUDFLARE_API_BASE_URL", "http://localhost:7380/client/v4"],
  ["PULUMI_BACKEND_URL", "file:///p/.bulkhead/pulumi/backend"],
])("what `local env` has left in %s does not mean the vendor", (name, value) => {
  const env = { [name]: value, CLOUDFLARE_API_TOKEN_DEV: "x" };
  expect(chooseCloud(undefined, env)).toEqual({
    kind: "local",
    because: `${name} is the local cloud's`,
  });
});

test("the vendor's own address and another backend are not the local cloud's", () => {
  const env = {
    CLOUDFLARE_BASE_URL: "https://api.cloudflare.com/client/v4",
    PULUMI_BACKEND_URL: "file:///elsewhere",
  };
  expect(chooseCloud(undefined, env).kind).toBe("vendor");
});
