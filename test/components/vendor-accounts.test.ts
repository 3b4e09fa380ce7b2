import { describe, expect, it } from "vitest";
import { UNNAMED_ACCOUNT_STACK } from "../../components/account-variables.ts";
import { awsCredentials, connectAws } from "../../components/aws-account.ts";
import { digitalOceanCredentials } from "../../components/digitalocean-account.ts";

const NO_TEAM = { token: undefined, spacesAccessId: undefined, spacesSecretKey: undefined };
const NO_ACCOUNT = {
  accountId: undefined,
  accessKey: undefined,
  secretKey: undefined,
  databaseAuthorityFile: undefined,
};
const TEAM = {
  DIGITALOCEAN_TOKEN: "unnamed-token",
  SPACES_ACCESS_KEY_ID: "unnamed-id",
  SPACES_SECRET_ACCESS_KEY: "unnamed-key",
};
const ACCOUNT = {
  AWS_ACCOUNT_ID: "111111111111",
  AWS_ACCESS_KEY_ID: "unnamed-id",
  AWS_SECRET_ACCESS_KEY: "unnamed-key",
};

/** The same variables under a stack's name. */
const named = (variables: Record<string, string>, suffix: string, value: string) =>
  Object.fromEntries(Object.keys(variables).map((name) => [`${name}_${suffix}`, value]));

describe("a stack's DigitalOcean credentials", () => {
  it("all come from the variables with the stack's name, or all from the unnamed ones", () => {
    const env = { ...TEAM, ...named(TEAM, "PR_1", "own") };
    expect(digitalOceanCredentials("pr-1", NO_TEAM, env)).toEqual({
      token: "own",
      spacesAccessId: "own",
      spacesSecretKey: "own",
    });
    expect(digitalOceanCredentials("dev", NO_TEAM, env).token).toBe("unnamed-token");
    const half = { ...TEAM, DIGITALOCEAN_TOKEN_DEV: "own" };
    expect(digitalOceanCredentials("dev", NO_TEAM, half)).toEqual({ ...NO_TEAM, token: "own" });
  });

  it("never fall back to variables that are known to be another stack's", () => {
    const env = { ...TEAM, [UNNAMED_ACCOUNT_STACK]: "staging" };
    expect(digitalOceanCredentials("staging", NO_TEAM, env).token).toBe("unnamed-token");
    expect(() => digitalOceanCredentials("production", NO_TEAM, env)).toThrow(
      /production has no DigitalOcean token\. Export DIGITALOCEAN_TOKEN_PRODUCTION .* pulumi config set --secret/,
    );
  });

  it("refuse half of a Spaces key, without showing it", () => {
    const env = { DIGITALOCEAN_TOKEN: "t", SPACES_ACCESS_KEY_ID: "hunter2" };
    expect(() => digitalOceanCredentials("dev", NO_TEAM, env)).toThrow(/half of a Spaces key/);
    expect(() => digitalOceanCredentials("dev", NO_TEAM, env)).not.toThrow("hunter2");
  });
});

describe("a stack's AWS credentials", () => {
  it("all come from the variables with the stack's name, or all from the unnamed ones", () => {
    const env = { ...ACCOUNT, ...named(ACCOUNT, "DEV", "222222222222") };
    expect(awsCredentials("dev", NO_ACCOUNT, env)).toEqual({
      accountId: "222222222222",
      accessKey: "222222222222",
      secretKey: "222222222222",
      databaseAuthorityFile: undefined,
    });
    expect(awsCredentials("staging", NO_ACCOUNT, env).accessKey).toBe("unnamed-id");
  });

  it.each([
    ["the account", {}, /no AWS account\. Export AWS_ACCOUNT_ID_DEV/],
    [
      "a key",
      { AWS_ACCOUNT_ID: "111111111111" },
      /no AWS access key\. Export AWS_ACCESS_KEY_ID_DEV/,
    ],
    ["12 digits", { ...ACCOUNT, AWS_ACCOUNT_ID: "my-account" }, /"my-account", is not 12 digits/],
  ])("say that %s is missing, and how to give it", (_what, env, message) => {
    expect(() => awsCredentials("dev", NO_ACCOUNT, env)).toThrow(message);
    expect(() => awsCredentials("dev", NO_ACCOUNT, env)).not.toThrow("unnamed-key");
  });

  it("name the file of authorities that cannot be read", () => {
    const databaseAuthorityFile = "/nonexistent/rds.pem";
    const credentials = { ...awsCredentials("dev", NO_ACCOUNT, ACCOUNT), databaseAuthorityFile };
    expect(() => connectAws(credentials)).toThrow(/\/nonexistent\/rds\.pem \(ENOENT\)/);
  });
});
