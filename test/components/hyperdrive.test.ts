import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { connectCloudflareAccount } from "../../components/cloudflare-account.ts";
import { Hyperdrive, type HyperdriveArgs } from "../../components/hyperdrive.ts";
import { Scope } from "../../components/scope.ts";

pulumi.runtime.setMocks({
  newResource: ({ name, inputs }) => ({ id: `${name}-id`, state: inputs }),
  call: () => ({}),
});

const CONFIG = "cloudflare:index/hyperdriveConfig:HyperdriveConfig";
const CERTIFICATE = "cloudflare:index/mtlsCertificate:MtlsCertificate";

const ORIGIN = {
  host: "db.example.com",
  port: 25_060,
  database: "shop",
  user: "app",
  password: "password-of-a-database",
};

type Values = Readonly<Record<string, unknown>>;

/** What a declaration makes, by its inputs. */
async function declare({ origin = ORIGIN, ...args }: Partial<HyperdriveArgs> = {}) {
  const declared: Record<string, pulumi.Inputs> = {};
  const account = connectCloudflareAccount({ accountId: "0".repeat(32), apiToken: "token" });
  const scope = new Scope(
    "shop",
    { environment: "dev", tier: "preview", account },
    {
      transformations: [
        ({ type, props }) => {
          declared[type] = props;
          return undefined;
        },
      ],
    },
  );
  const hyperdrive = new Hyperdrive("db", { scope, origin, ...args });
  const certificate = declared[CERTIFICATE];
  return {
    hyperdrive,
    password: declared[CONFIG]?.origin.password as pulumi.Input<string>,
    config: await resolved(declared[CONFIG]),
    certificate: certificate && (await resolved(certificate)),
  };
}

const resolved = (inputs: pulumi.Inputs = {}): Promise<Values> =>
  new Promise((resolve) => {
    pulumi.output(inputs).apply((values) => resolve(values as Values));
  });

describe("Hyperdrive", () => {
  it("encrypts, does not cache, and is named by system and environment", async () => {
    const { config, certificate } = await declare();
    expect(config).toMatchObject({
      name: "shop-db-dev",
      origin: { ...ORIGIN, scheme: "postgres" },
      caching: { disabled: true },
      mtls: { sslmode: "require" },
    });
    expect(certificate).toBeUndefined();
  });

  it("keeps the password a secret, also when the program forgot to", async () => {
    const { password } = await declare();
    expect(await pulumi.isSecret(pulumi.output(password))).toBe(true);
  });

  it("verifies authority and name of the database where its authority is known", async () => {
    const caCertificate = pulumi.output("PEM of an authority");
    const { config, certificate } = await declare({ origin: { ...ORIGIN, caCertificate } });
    expect(config.mtls).toEqual({ sslmode: "verify-full", caCertificateId: "shop-db-id" });
    expect(certificate).toMatchObject({ ca: true, certificates: "PEM of an authority" });
    const other = await declare({ origin: { ...ORIGIN, caCertificate: "PEM of another" } });
    expect(other.certificate?.name).not.toBe(certificate?.name);
  });

  it("caches and limits connections when it is asked to", async () => {
    const { config } = await declare({ caching: true, connectionLimit: 10 });
    expect(config).toMatchObject({ caching: { disabled: false }, originConnectionLimit: 10 });
  });

  it("is given to a Worker by its id", async () => {
    const { hyperdrive } = await declare();
    const { api, summary } = hyperdrive.workerBinding();
    expect(await resolved({ api, summary })).toEqual({
      api: { type: "hyperdrive", id: "shop-db-id" },
      summary: { type: "hyperdrive", configId: "shop-db-id" },
    });
  });

  it("refuses to verify without an authority", async () => {
    await expect(declare({ origin: { ...ORIGIN, sslMode: "verify-full" } })).rejects.toThrow(
      'origin.sslMode "verify-full" verifies the database\'s authority, and origin.caCertificate does not name one.',
    );
  });
});
