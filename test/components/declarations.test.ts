import type * as pulumi from "@pulumi/pulumi";
import { runtime } from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { connectAws } from "../../components/aws-account.ts";
import { Bucket } from "../../components/bucket.ts";
import { connectCloudflareAccount } from "../../components/cloudflare-account.ts";
import { D1Database } from "../../components/d1-database.ts";
import { connectDigitalOcean } from "../../components/digitalocean-account.ts";
import { KvNamespace } from "../../components/kv-namespace.ts";
import { Scope } from "../../components/scope.ts";
import { Secret } from "../../components/secret.ts";
import { type SystemOutputs, systemOutputs } from "../../components/system-outputs.ts";
import type { Tier } from "../../components/tier.ts";
import { Worker } from "../../components/worker.ts";
import { SYSTEM_NAMES, systems } from "../../systems/index.ts";

interface Declared {
  readonly type: string;
  readonly name: string;
  readonly props: Record<string, unknown>;
  readonly opts: pulumi.CustomResourceOptions;
}

const ACCOUNT = "0".repeat(32);
const SECRET_VALUE = "r".repeat(64);

/** The functions that were called, in order. */
const calls: string[] = [];

runtime.setMocks({
  newResource: ({ name, inputs }) => ({
    id: `${name}-id`,
    state: {
      host: `${name}.example.com`,
      address: `${name}.example.com`,
      ipv4Address: "203.0.113.9",
      caCertificate: "PEM",
      certificate: "PEM",
      privateKey: "PEM",
      accessKey: "DO00",
      secretKey: "secret-key",
      primaryEndpointAddress: `${name}.example.com`,
      port: 5432,
      password: SECRET_VALUE,
      endpoint: "fra1.example.com",
      ...inputs,
      uuid: `${name}-uuid`,
      result: SECRET_VALUE,
    },
  }),
  call: ({ token }) => {
    calls.push(token);
    return { subdomain: "example", certificate: "PEM" };
  },
});

const team = connectDigitalOcean({ token: "t", spacesAccessId: "i", spacesSecretKey: "k" });
const aws = {
  ...connectAws({
    accountId: "111111111111",
    accessKey: "a",
    secretKey: "s",
    databaseAuthorityFile: undefined,
  }),
  databaseAuthority: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
};

/** Declares something in a scope and returns every resource that reached the engine. */
async function declare(
  environment: string,
  tier: Tier,
  declaration: (scope: Scope) => unknown | Promise<unknown>,
  protectData?: boolean,
): Promise<Declared[]> {
  const declared: Declared[] = [];
  const account = connectCloudflareAccount({ accountId: ACCOUNT, apiToken: "token" });
  const scope = new Scope(
    "qhub",
    {
      environment,
      tier,
      account,
      elsewhere: { digitalocean: () => team, aws: () => aws },
      ...(protectData === undefined ? {} : { protectData }),
    },
    {
      transformations: [
        ({ type, name, props, opts }) => {
          declared.push({ type, name, props, opts });
          return undefined;
        },
      ],
    },
  );
  await declaration(scope);
  // The scope itself is the first.
  return declared.slice(1);
}

function resolved<Value>(output: pulumi.Output<Value>): Promise<Value> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}

const data = (scope: Scope) => [
  new D1Database("qhub", { scope }),
  new Bucket("files", { scope }),
  new KvNamespace("cache", { scope }),
  new Secret("key", { scope }),
];

const custom = (declared: Declared[]) =>
  declared.filter(({ type }) => !type.startsWith("bulkhead:index:"));

describe("the components' declarations", () => {
  it("carry system and environment in every name at the vendor, for any stack", async () => {
    const declared = custom(await declare("PR_1", "preview", data));
    const names = declared.map(({ props }) => props.name ?? props.title ?? "");
    expect(names).toEqual([
      expect.stringMatching(/^qhub-pr-1-[0-9a-f]{6}$/),
      expect.stringMatching(/^qhub-files-pr-1-[0-9a-f]{6}$/),
      expect.stringMatching(/^qhub-cache-pr-1-[0-9a-f]{6}$/),
      "",
    ]);
    expect(declared.at(-1)?.name).toBe("qhub-key-v1");
  });

  it("protect and retain what holds data in production, and nowhere else", async () => {
    const flags = async (tier: Tier, protectData?: boolean) =>
      custom(await declare(tier, tier, data, protectData)).map(({ opts }) => [
        opts.protect,
        opts.retainOnDelete,
      ]);
    expect(await flags("production")).toEqual(Array(4).fill([true, true]));
    expect(await flags("staging")).toEqual(Array(4).fill([false, false]));
    expect(await flags("production", false)).toEqual(Array(4).fill([false, false]));
  });

  it("let the options of one component win over the scope", async () => {
    const [database] = custom(
      await declare(
        "production",
        "production",
        (scope) => new D1Database("qhub", { scope }, { protect: false, retainOnDelete: false }),
      ),
    );
    expect(database?.opts).toMatchObject({ protect: false, retainOnDelete: false });
  });

  it("spell the default region as the vendor does (Q1)", async () => {
    const [database] = custom(await declare("staging", "staging", data));
    expect(database?.props).toMatchObject({
      accountId: ACCOUNT,
      name: "qhub-staging",
      primaryLocationHint: "enam",
    });
  });

  it("keep the value before a rotation under its old name, never protected", async () => {
    const declared = custom(
      await declare("production", "production", (scope) => {
        const secret = new Secret("key", { scope, version: 2, graceUntil: "2999-01-01" });
        expect(secret.previous?.version).toBe(1);
      }),
    );
    expect(declared.map(({ name, opts }) => [name, opts.protect])).toEqual([
      ["qhub-key-v2", true],
      ["qhub-key-v1", false],
    ]);
  });

  it("never generate a value in place of a version that was skipped", async () => {
    const declared = await declare("production", "production", (scope) => {
      const skipped = { version: 3, previousVersion: 1, graceUntil: "2999-01-01" };
      expect(new Secret("key", { scope, ...skipped }).previous?.version).toBe(1);
    });
    expect(custom(declared).map(({ name }) => name)).toEqual(["qhub-key-v3", "qhub-key-v1"]);
  });

  it("refuse a name that the vendor would refuse, by its field", async () => {
    await declare("dev", "development", (scope) => {
      expect(() => new Bucket("files", { scope, bucketName: "Files" })).toThrow(
        'bucketName "Files" is not a valid name for a R2 bucket',
      );
      expect(() => new Bucket("more", { scope, region: "ENAM" })).toThrow(
        'region "ENAM" is not one of R2\'s',
      );
    });
  });

  it("ask for the subdomain of workers.dev once, and only for a Worker that is served there", async () => {
    calls.length = 0;
    const entry = new URL("../../systems/qhub/worker/main.ts", import.meta.url);
    const settings = { limits: { cpuMs: 50 }, placement: { mode: "smart" } };
    await declare("staging", "staging", async (scope) => {
      const domain = { hostname: "api.example.com" };
      const own = new Worker("own", { scope, entry, domain, workersDev: false, ...settings });
      expect(await resolved(own.state)).toMatchObject({
        ...settings,
        domain: "api.example.com",
        urls: ["https://api.example.com"],
      });
    });
    expect(calls).toEqual([]);
    await declare("staging", "staging", async (scope) => {
      for (const name of ["one", "two"]) {
        await resolved(new Worker(name, { scope, entry }).urls);
      }
    });
    expect(calls).toEqual(["bulkhead:cloudflare:getWorkersSubdomain"]);
  });

  it.each(SYSTEM_NAMES)("declare %s with each of its parts below its scope", async (name) => {
    const declared = await declare("staging", "staging", (scope) =>
      resolved(systemOutputs(systems[name](scope))),
    );
    const orphans = declared.filter(({ opts }) => opts.parent === undefined);
    expect(orphans.map((orphan) => orphan.name)).toEqual([]);
    expect(new Set(declared.map((one) => `${one.type} ${one.name}`)).size).toBe(declared.length);
  });

  it("put a secret's state into the outputs of qhub, and never its value (Q9)", async () => {
    let outputs: SystemOutputs | undefined;
    await declare("staging", "staging", async (scope) => {
      outputs = await resolved(systemOutputs(systems.qhub(scope)));
    });
    expect(outputs?.secrets).toEqual({
      JWT_SECRET: { set: true, length: 64, version: 1, previousAvailable: false },
    });
    expect(outputs?.urls).toEqual({ api: "https://qhub-api-staging.example.workers.dev" });
    expect(outputs?.workers.api?.bindings).toEqual({
      AI: { type: "ai" },
      DB: {
        type: "d1",
        databaseName: "qhub-staging",
        databaseId: "qhub-uuid",
        migrations: "systems/qhub/migrations",
      },
      ENVIRONMENT: { type: "plain_text", text: "staging" },
      JWT_SECRET: { type: "secret_text", length: 64, version: 1 },
      PROJECT: { type: "plain_text", text: "project" },
      SYSTEM: { type: "plain_text", text: "qhub" },
    });
    expect(JSON.stringify(outputs)).not.toContain(SECRET_VALUE);
  });
});
