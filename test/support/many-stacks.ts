/** Many small stacks in a moment: made of one that was really deployed, without Pulumi. */
import { createCipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Cloudflare from "cloudflare";
import { type CloudInfo, ensureEnvironments } from "../../local/daemon.ts";
import { concurrently } from "../../policy/siblings/concurrently.ts";

/** What a clone consists of, beside the stack itself. */
const KEPT = [
  "pulumi:providers:cloudflare",
  "cloudflare:index/r2Bucket:R2Bucket",
  "cloudflare:index/d1Database:D1Database",
];

/** How Pulumi marks a secret in a state. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

interface StateResource {
  urn: string;
  type: string;
  id?: string;
  parent?: string;
  provider?: string;
  dependencies?: string[];
  propertyDependencies?: object;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

interface StateDocument {
  checkpoint: {
    stack: string;
    latest: { resources: StateResource[]; secrets_providers: { state: { salt: string } } };
  };
}

/**
 * Stacks of one bucket and one database each, in accounts of their own, which are really there.
 *
 * @param original a deployed stack that has both.
 * @returns their names.
 */
export async function cloneStack(
  { stateDir, cloud }: { readonly stateDir: string; readonly cloud: () => Promise<CloudInfo> },
  original: string,
  count: number,
): Promise<string[]> {
  const names = Array.from({ length: count }, (_, at) => `many-${String(at + 1).padStart(3, "0")}`);
  const credentials = await ensureEnvironments(stateDir, names);
  const { apiUrl } = await cloud();
  const folder = join(stateDir, "pulumi/backend/.pulumi/stacks/bulkhead");
  const text = readFileSync(join(folder, `${original}.json`), "utf8");
  const encrypt = encryption(JSON.parse(text), join(stateDir, "passphrase"));
  await concurrently(names, 8, async (name) => {
    const { accountId = "", apiToken = "" } = credentials[name] ?? {};
    const state: StateDocument = JSON.parse(
      text
        .replaceAll(`urn:pulumi:${original}::`, `urn:pulumi:${name}::`)
        .replaceAll(`cutty-files-${original}`, `cutty-files-${name}`)
        .replaceAll(`"cutty-${original}"`, `"cutty-${name}"`),
    );
    const { latest } = state.checkpoint;
    const client = new Cloudflare({ apiToken, baseURL: `${apiUrl}/client/v4` });
    const bucket = `cutty-files-${name}`;
    const { creation_date: creationDate } = await client.r2.buckets.create({
      account_id: accountId,
      name: bucket,
    });
    const { uuid = "", created_at: createdAt } = await client.d1.database.create({
      account_id: accountId,
      name: `cutty-${name}`,
    });
    state.checkpoint.stack = `organization/bulkhead/${name}`;
    const [root] = latest.resources;
    if (root === undefined) throw new Error(`The stack ${original} is empty.`);
    root.outputs = { tier: "development" };
    const token = {
      [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270",
      ciphertext: encrypt(apiToken),
    };
    const kept = latest.resources.filter(({ type }) => KEPT.includes(type));
    for (const each of kept) {
      each.parent = root.urn;
      each.dependencies = [];
      each.propertyDependencies = {};
      for (const values of [each.inputs, each.outputs]) {
        if (values === undefined) continue;
        if ("apiToken" in values) values.apiToken = token;
        if ("accountId" in values) values.accountId = accountId;
        if ("uuid" in values) values.uuid = uuid;
        if ("creationDate" in values) values.creationDate = creationDate;
        if ("createdAt" in values) values.createdAt = createdAt;
      }
      if (each.type.endsWith(":D1Database")) each.id = uuid;
      if (each.outputs !== undefined && "id" in each.outputs) each.outputs.id = each.id;
    }
    // A parent is part of the URN.
    const moved = JSON.stringify([root, ...kept]).replaceAll(
      /(::bulkhead::)(?:[\w:/-]+\$)+([\w:/-]+::)/g,
      "$1$2",
    );
    latest.resources = JSON.parse(moved);
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(state));
  });
  return names;
}

/** As Pulumi's passphrase provider does. Source: pulumi/pulumi sdk/go/common/resource/config/crypt.go. */
function encryption(state: StateDocument, passphraseFile: string): (text: string) => string {
  const [, salt = ""] = state.checkpoint.latest.secrets_providers.state.salt.split(":");
  const passphrase = readFileSync(passphraseFile, "utf8").trim();
  const key = pbkdf2Sync(passphrase, Buffer.from(salt, "base64"), 1_000_000, 32, "sha256");
  return (text) => {
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    const sealed = [cipher.update(JSON.stringify(text), "utf8"), cipher.final()];
    const all = Buffer.concat([...sealed, cipher.getAuthTag()]);
    return `v1:${nonce.toString("base64")}:${all.toString("base64")}`;
  };
}
