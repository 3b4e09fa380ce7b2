import { describe, expect, it } from "vitest";
import { cloudflareCredentials } from "../../components/cloudflare-account.ts";

const ID = "0123456789abcdef0123456789abcdef";
const OTHER = "f".repeat(32);
const NOTHING = { accountId: undefined, apiToken: undefined };

describe("a stack's Cloudflare credentials", () => {
  it("come from the variables with the stack's name before the unnamed ones", () => {
    const env = {
      CLOUDFLARE_ACCOUNT_ID: OTHER,
      CLOUDFLARE_API_TOKEN: "unnamed",
      CLOUDFLARE_ACCOUNT_ID_PR_123: ID,
      CLOUDFLARE_API_TOKEN_PR_123: "named",
    };
    expect(cloudflareCredentials("pr-123", NOTHING, env)).toEqual({
      accountId: ID,
      apiToken: "named",
    });
    expect(cloudflareCredentials("dev", NOTHING, env)).toEqual({
      accountId: OTHER,
      apiToken: "unnamed",
    });
  });

  it("come from the stack's configuration before any variable", () => {
    const env = { CLOUDFLARE_ACCOUNT_ID_DEV: OTHER, CLOUDFLARE_API_TOKEN_DEV: "token" };
    const configured = { accountId: ID, apiToken: undefined };
    expect(cloudflareCredentials("dev", configured, env).accountId).toBe(ID);
  });

  it("are asked for with the variable and the command that set them", () => {
    expect(() => cloudflareCredentials("pr-1", NOTHING, {})).toThrow(
      /The stack pr-1 has no Cloudflare account\. Export CLOUDFLARE_ACCOUNT_ID_PR_1 .* pulumi config set bulkhead:cloudflareAccountId/,
    );
    expect(() => cloudflareCredentials("pr-1", NOTHING, { CLOUDFLARE_ACCOUNT_ID: ID })).toThrow(
      /has no Cloudflare API token\. Export CLOUDFLARE_API_TOKEN_PR_1/,
    );
  });

  it("are refused when the account id cannot be one, without showing the token", () => {
    const env = { CLOUDFLARE_ACCOUNT_ID: "my-account", CLOUDFLARE_API_TOKEN: "hunter2" };
    expect(() => cloudflareCredentials("dev", NOTHING, env)).toThrow(
      '"my-account", is not 32 hexadecimal digits',
    );
    expect(() => cloudflareCredentials("dev", NOTHING, env)).not.toThrow("hunter2");
  });
});
