import { expect, test } from "vitest";
import { chooseCloud } from "../../cli/cloud/kind.ts";

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
