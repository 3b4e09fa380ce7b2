import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { accountOf } from "../../cli/cloud/vendor.ts";
import { accountVariables } from "../../components/account-variables.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const ENV = {
  CLOUDFLARE_ACCOUNT_ID: "plain",
  CLOUDFLARE_API_TOKEN: "plain-token",
  CLOUDFLARE_ACCOUNT_ID_STAGING: "own",
  CLOUDFLARE_API_TOKEN_STAGING: "own-token",
};

function project(config: string): string {
  const root = temporaryFolder();
  writeFileSync(join(root, "Pulumi.staging.yaml"), config);
  return root;
}

test("the account that is announced is the one that the program takes: config, own variable, plain one", () => {
  const configured = project("config:\n  bulkhead:cloudflareAccountId: configured\n");
  expect(accountOf(configured, "staging", ENV)).toBe("configured");
  const bare = project("");
  expect(accountOf(bare, "staging", ENV)).toBe("own");
  expect(accountOf(bare, "dev", ENV)).toBe("plain");
  expect(accountOf(bare, "dev", {})).toBeUndefined();
});

test("an empty value is none, in the config as in a variable", () => {
  const root = project('config:\n  bulkhead:cloudflareAccountId: ""\n');
  const env = { ...ENV, CLOUDFLARE_ACCOUNT_ID_STAGING: "", CLOUDFLARE_API_TOKEN_STAGING: "" };
  expect(accountOf(root, "staging", env)).toBe("plain");
});

test("an encrypted account id is not shown as what it is not", () => {
  const root = project("config:\n  bulkhead:cloudflareAccountId:\n    secure: v1:x\n");
  expect(accountOf(root, "staging", ENV)).toBe("that is encrypted in the stack's config");
});

test("one environment's account never goes with another's token", () => {
  const { CLOUDFLARE_API_TOKEN_STAGING: _, ...withoutToken } = ENV;
  expect(accountVariables("staging", withoutToken)).toEqual({
    accountId: "own",
    apiToken: undefined,
  });
  expect(accountVariables("staging", ENV)).toEqual({ accountId: "own", apiToken: "own-token" });
});
