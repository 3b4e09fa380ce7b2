import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { OpenResource } from "../../../drift/engine/secrets.ts";
import { loginOfUrl } from "../../../drift/logins/login.ts";
import { openAccounts } from "../../../drift/vendors/accounts.ts";
import { spacesIn } from "../../../drift/vendors/spaces.ts";
import { Secret } from "../../../isolation/facts.ts";

afterEach(() => vi.unstubAllEnvs());

const resource = (type: string, inputs: OpenResource["inputs"]): OpenResource => ({
  urn: `urn:pulumi:s::shop::${type}::x`,
  type,
  inputs,
  outputs: {},
});
const bucket = resource("cloudflare:index/r2Bucket:R2Bucket", { accountId: "a" });

test("the stack's credentials are used, and nothing of this process' environment", async () => {
  vi.stubEnv("CLOUDFLARE_API_KEY", "of somebody else");
  vi.stubEnv("CLOUDFLARE_EMAIL", "somebody@else.net");
  vi.stubEnv("CLOUDFLARE_BASE_URL", "http://127.0.0.1:1");
  vi.stubEnv("DIGITALOCEAN_API_URL", "http://127.0.0.1:1");
  const { cloudflare, digitalocean } = await openAccounts(
    [
      bucket,
      resource("pulumi:providers:cloudflare", { apiToken: new Secret("t") }),
      resource("pulumi:providers:digitalocean", { token: new Secret("t") }),
    ],
    {},
  );
  expect(cloudflare?.client).toMatchObject({ apiToken: "t", apiKey: null, apiEmail: null });
  expect(cloudflare?.client.baseURL).toBe("https://api.cloudflare.com/client/v4");
  expect(digitalocean?.api.url).toBe("https://api.digitalocean.com");
});

test.each(["cloudflare", "digitalocean"])(
  "a stack whose %s provider has no token is not looked at with the shell's",
  async (vendor) => {
    vi.stubEnv("CLOUDFLARE_API_TOKEN", "of another account");
    vi.stubEnv("DIGITALOCEAN_TOKEN", "of another team");
    const opened = openAccounts([bucket, resource(`pulumi:providers:${vendor}`, {})], {});
    await expect(opened).rejects.toThrow(/has no API token/);
  },
);

test("an endpoint of Spaces with a place for the region leads to the region's", () => {
  const access = { accessKeyId: "k", secretAccessKey: "s" };
  const at = (endpoint: string | undefined) => spacesIn({ ...access, endpoint }, "fra1").endpoint;
  expect(at(undefined)).toBe("https://fra1.digitaloceanspaces.com");
  expect(at("https://{{.Region}}.digitaloceanspaces.com")).toBe(at(undefined));
  expect(at("http://127.0.0.1:7381")).toBe("http://127.0.0.1:7381");
});

test("a connection URL without a port leads to the usual one", () => {
  expect(loginOfUrl("postgres://u:p@db.shop.net/x")?.port).toBe(5432);
  expect(loginOfUrl("rediss://u:p@cache.shop.net:25061")?.port).toBe(25_061);
  expect(loginOfUrl("rediss://u:p@cache.shop.net")?.port).toBe(6379);
});

test("a URL that no client would take is no login", () => {
  expect(loginOfUrl("postgresql://app:100%@db.example.com/x")).toBeUndefined();
  expect(loginOfUrl("postgresql://app:100%25@db.example.com/x")).toMatchObject({
    password: "100%",
  });
});

describe("a question to DigitalOcean", () => {
  /** A vendor that answers these, one after the other. */
  async function answering(...statuses: readonly number[]) {
    const rest = [...statuses];
    const server = createServer((_, response) => {
      response.statusCode = rest.shift() ?? 500;
      response.end(JSON.stringify({ account: { uuid: "u" }, message: "no" }));
    });
    onTestFinished(() => void server.close());
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    const config = { token: new Secret("t"), apiEndpoint: `http://127.0.0.1:${port}` };
    const { digitalocean } = await openAccounts(
      [resource("pulumi:providers:digitalocean", config)],
      {},
    );
    return { ask: () => digitalocean?.api.get("/account"), left: () => rest.length };
  }

  test("is asked again while the vendor is busy", async () => {
    const { ask } = await answering(429, 503, 200);
    expect(await ask()).toEqual({ account: { uuid: "u" }, message: "no" });
  });

  test("is not asked again when it is refused", async () => {
    const { ask, left } = await answering(403, 200);
    await expect(ask()).rejects.toThrow();
    expect(left()).toBe(1);
  });
});
