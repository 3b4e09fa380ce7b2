import { expect, test } from "vitest";
import { corsHeaders } from "../../../local/s3/cors.ts";

const rule = {
  allowed: {
    origins: ["https://app.example", "https://*.preview.example"],
    methods: ["GET" as const, "PUT" as const],
    headers: ["Content-Type", "x-amz-*"],
  },
};
const ask = (origin: string, method = "GET", headers: string[] = []) =>
  corsHeaders([rule], { origin, method, headers });

test.each(["https://app.example", "https://pr-1.preview.example"])("allows %s", (origin) => {
  expect(ask(origin)).toMatchObject({ "access-control-allow-origin": origin, vary: "Origin" });
});

test.each([
  "https://app.example.evil.org",
  "https://preview.example",
  "http://app.example",
  "null",
])("does not allow %s", (origin) => {
  expect(ask(origin)).toBeUndefined();
});

test("allows the rule's methods and headers only, whatever their case", () => {
  expect(ask("https://app.example", "PUT", ["content-type", "x-amz-date"])).toMatchObject({
    "access-control-allow-headers": "content-type, x-amz-date",
  });
  expect(ask("https://app.example", "DELETE")).toBeUndefined();
  expect(ask("https://app.example", "PUT", ["authorization"])).toBeUndefined();
});

test("answers `*` when every origin is allowed", () => {
  const open = { allowed: { origins: ["*"], methods: ["GET" as const] } };
  expect(
    corsHeaders([open], { origin: "https://a.example", method: "GET", headers: [] }),
  ).toMatchObject({ "access-control-allow-origin": "*" });
});
