import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CommandResult, type TestEstate, writeScratchProject } from "../../support/estate.ts";

const PACK = fileURLToPath(new URL("../../../policy", import.meta.url));
const AWS_PLUGIN = fileURLToPath(new URL("./aws", import.meta.url));

/** Of the tests alone. */
const SALT = "dHdpbnMtYXJlLW5vdC1vbmUtYW5kLXRoZS1zYW1l";

const WORKER = `export default { async fetch() { return Response.json({ status: "ok" }) } };`;

/**
 * A product with a database, a bucket, a namespace, a signing key and a Worker that is bound to them.
 * The variable CHANGE chooses a variant, FOREIGN holds names and ids of the other stack.
 */
const PROGRAM = `
  import "@/components/native-stack-traces.ts";
  import { Provider } from "@pulumi/cloudflare/provider.js";
  import { R2Bucket } from "@pulumi/cloudflare/r2bucket.js";
  import { R2ManagedDomain } from "@pulumi/cloudflare/r2managedDomain.js";
  import { WorkersKvNamespace } from "@pulumi/cloudflare/workersKvNamespace.js";
  import * as pulumi from "@pulumi/pulumi";
  import { RandomPassword } from "@pulumi/random/randomPassword.js";
  import { Bucket } from "@/components/bucket.ts";
  import { cloudflareCredentials, connectCloudflareAccount } from "@/components/cloudflare-account.ts";
  import { D1Database } from "@/components/d1-database.ts";
  import { KvNamespace } from "@/components/kv-namespace.ts";
  import { Scope } from "@/components/scope.ts";
  import { Secret } from "@/components/secret.ts";
  import { ManifestCollector } from "@/components/stack-manifest.ts";
  import { Worker } from "@/components/worker.ts";

  // The whole package has hundreds of modules.
  const cloudflare = { Provider, R2Bucket, R2ManagedDomain, WorkersKvNamespace };
  const change = process.env.CHANGE ?? "";
  const foreign = JSON.parse(process.env.FOREIGN ?? "{}");
  const collector = new ManifestCollector("${SALT}");
  const stack = pulumi.getStack();
  const config = new pulumi.Config("shop");
  const own = cloudflareCredentials(stack, { accountId: undefined, apiToken: undefined }, process.env);
  const account = connectCloudflareAccount({
    accountId: change === "account" ? foreign.accountId : own.accountId,
    apiToken: change === "token" || change === "account" ? foreign.apiToken : own.apiToken,
  });
  const accountId = account.id;
  const scope = new Scope("shop", { tier: stack, account });
  const child = { parent: scope, provider: account.cloudflare };
  const key = new Secret("jwt-secret", { scope, length: change === "short-key" ? 24 : 64 });
  const database = new D1Database("shop", { scope });
  const files = new Bucket("files", { scope }, change === "unprotected" ? { protect: false } : {});
  const cache = new KvNamespace("cache", { scope });
  const bindings = { DB: database, FILES: files, CACHE: cache, JWT_SECRET: key };
  bindings.JOBS_URL = stack === "production" ? "amqps://jobs.example.com:5671/jobs" : "amqps://jobs-staging.example.com/jobs";
  /** A secret binding whose value is given, as a vendor's own component would let one write it. */
  const secretText = (text) => ({ workerBinding: () => ({ api: { type: "secret_text", text: pulumi.secret(text) }, summary: { type: "ai" } }) });
  const bound = (api) => ({ workerBinding: () => ({ api, summary: { type: "ai" } }) });
  if (config.get("partner")) bindings.PARTNER_KEY = secretText(config.requireSecret("partner"));
  BRANCHES
  const api = new Worker("api", { scope, entry: new URL("./worker.ts", import.meta.url), bindings });
  // A bucket's name has three characters at least.
  if (change === "fails after the Worker")
    new cloudflare.R2Bucket("broken", { accountId, name: api.scriptName.apply(() => "x") }, child);
  export const signingKey = key.value;
  export const databaseId = database.databaseId;
  export const namespaceId = cache.namespaceId;
  export const bucketName = files.bucketName;
  const manifest = collector.manifest();
  export const isolation =
    change === "no-manifest" ? undefined
    : change === "forged-manifest" ? manifest.apply((whole) => ({ ...whole, resources: {} }))
    : manifest;
`;

/** Two stacks of one project in an estate of its own, with the policy pack. */
export interface Twins {
  readonly folder: string;
  /** Runs Pulumi on a stack with a variant of the program. */
  readonly run: (stack: string, command: string, variant?: Variant) => Promise<CommandResult>;
  /** Writes `settings.yaml` for the pack: waivers and levels, as YAML. */
  readonly settings: (more: string) => void;
}

export interface Variant {
  readonly change?: string;
  /** What the variant needs to know of the other stack. */
  readonly foreign?: Readonly<Record<string, unknown>>;
}

/**
 * @param branches statements of the program by the name of the change that they make.
 * @param project its name.
 */
export function makeTwins(
  estate: TestEstate,
  branches: Readonly<Record<string, string>>,
  project = "twins",
): Twins {
  const folder = join(estate.stateDir, project);
  const code = Object.entries(branches).map(
    ([name, statements]) => `if (change === ${JSON.stringify(name)}) { ${statements} }`,
  );
  const program = PROGRAM.replace("BRANCHES", () => code.join("\n"));
  writeScratchProject(folder, project, program, { aws: AWS_PLUGIN });
  writeFileSync(join(folder, "worker.ts"), WORKER);
  const settingsFile = join(folder, "settings.yaml");
  const settings = (more: string) => writeFileSync(settingsFile, `salt: ${SALT}\n${more}`);
  settings("");
  return {
    folder,
    settings,
    run: (stack, command, { change = "", foreign = {} } = {}) =>
      estate.shell(
        `PULUMI_OPTION_SUPPRESS_OUTPUTS=true PULUMI_OPTION_POLICY_PACK='${PACK}' pulumi ${command} --non-interactive --stack ${stack}`,
        {
          cwd: folder,
          stack,
          env: {
            CHANGE: change,
            FOREIGN: JSON.stringify(foreign),
            BULKHEAD_POLICY_SETTINGS: settingsFile,
          },
        },
      ),
  };
}
