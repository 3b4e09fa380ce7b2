import { randomBytes, randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Manifest, type ManifestEntry, manifestOf } from "../../isolation/manifest/index.ts";

/** Claims of one stack. */
export const CLAIMS = 1000;
/** What the stacks are made to share: one claim, one foreign reference, one secret. */
export const CONFLICTS = 3;

const SALT = randomBytes(24).toString("base64url");
const FINGERPRINTS_OF_A_SECRET = 9;

/** Writes so many manifests, of which the first and the last share something, and returns their paths. */
export function writeManifests(folder: string, count: number): string[] {
  mkdirSync(folder, { recursive: true });
  const shared = {
    claim: `id:${randomUUID()}`,
    owned: `id:${randomUUID()}`,
    secret: fingerprint(),
  };
  return Array.from({ length: count }, (_, number) => {
    const manifest = manifestFor(number);
    const first = Object.values(manifest.resources)[0];
    if (number === 0 && first) {
      first.claims = [shared.claim, shared.owned];
      first.secrets = [secretWith(shared.secret)];
    }
    if (number === count - 1 && first) {
      first.claims = [shared.claim];
      first.references = [[shared.owned, "databaseId", "id"]];
      first.secrets = [secretWith(shared.secret)];
    }
    const path = join(folder, `stack-${String(number).padStart(4, "0")}.json`);
    writeFileSync(path, JSON.stringify(manifest));
    return path;
  });
}

/** A hundred systems of a database, a namespace, a bucket, two Workers and a secret. */
function manifestFor(number: number): Manifest {
  const stack = `environment-${number}`;
  const account = randomBytes(16).toString("hex");
  const entries: Record<string, ManifestEntry> = {};
  const add = (type: string, name: string, entry: Omit<ManifestEntry, "type">) => {
    entries[`urn:pulumi:${stack}::acme::bulkhead:index:Scope$${type}::${name}`] = {
      type,
      ...entry,
    };
  };
  const uses = [`account:cloudflare/${account}`, "accountId", "account"] as const;
  for (let claims = 0, at = 0; claims < CLAIMS; claims += 10, at += 1) {
    const system = `system-${at}`;
    const [database, namespace] = [`id:${randomUUID()}`, `id:${randomBytes(16).toString("hex")}`];
    const bucket = `r2:${account}/${system}-files-${stack}`;
    add("cloudflare:index/d1Database:D1Database", `${system}-db`, {
      system,
      claims: [database],
      references: [[...uses]],
    });
    add("cloudflare:index/workersKvNamespace:WorkersKvNamespace", `${system}-cache`, {
      system,
      claims: [namespace, `kv-title:${account}/${system}-cache`],
      references: [[...uses]],
    });
    add("cloudflare:index/r2Bucket:R2Bucket", `${system}-files`, {
      system,
      claims: [bucket],
      references: [[...uses]],
    });
    for (const name of ["api", "jobs"]) {
      const script = `${system}-${name}-${stack}`;
      add("cloudflare:index/workersScript:WorkersScript", `${system}-${name}`, {
        system,
        claims: [`worker:${account}/${script}`],
        references: [
          [...uses],
          [bucket, "bindings[2].bucketName", "binding"],
          [database, "bindings[0].id", "binding"],
          [namespace, "bindings[1].namespaceId", "binding"],
        ],
        secrets: [secretWith(fingerprint())],
      });
      add("cloudflare:index/workersCustomDomain:WorkersCustomDomain", `${system}-${name}-domain`, {
        system,
        claims: [`host:${script}.example.com`, `id:${randomBytes(20).toString("hex")}`],
        references: [[...uses], [`worker:${account}/${script}`, "service", "name"]],
      });
    }
    add("random:index/randomPassword:RandomPassword", `${system}-secret`, {
      system,
      secrets: [secretWith(fingerprint())],
    });
  }
  return manifestOf({ project: "acme", stack }, SALT, entries);
}

const secretWith = (known: string) => ({
  path: "bindings[3].text",
  fingerprints: [
    known,
    ...Array.from({ length: FINGERPRINTS_OF_A_SECRET - 1 }, fingerprint),
  ].sort(),
  length: 64,
  bits: 372,
});

const fingerprint = (): string => randomBytes(16).toString("base64url");
