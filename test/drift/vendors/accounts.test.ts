import { afterEach, expect, test, vi } from "vitest";
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
