import * as pulumi from "@pulumi/pulumi";
import { runtime } from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import type { AwsAccount } from "../../components/aws-account.ts";
import { connectAws } from "../../components/aws-account.ts";
import { Bucket } from "../../components/bucket.ts";
import { connectCloudflareAccount } from "../../components/cloudflare-account.ts";
import {
  connectDigitalOcean,
  type DigitalOceanAccount,
} from "../../components/digitalocean-account.ts";
import { awsNetwork, subnetRange } from "../../components/network/aws.ts";
import { Network } from "../../components/network/network.ts";
import { awsPostgres } from "../../components/postgres/aws.ts";
import { digitalOceanPostgres } from "../../components/postgres/digitalocean.ts";
import { Postgres, type PostgresArgs } from "../../components/postgres/postgres.ts";
import { selfHostedPostgres } from "../../components/postgres/self-hosted.ts";
import { awsRedis } from "../../components/redis/aws.ts";
import { digitalOceanRedis } from "../../components/redis/digitalocean.ts";
import { Redis } from "../../components/redis/redis.ts";
import { s3 } from "../../components/s3-bucket.ts";
import { Scope } from "../../components/scope.ts";
import { spaces } from "../../components/spaces-bucket.ts";
import type { Tier } from "../../components/tier.ts";

/*
 * What the components declare, seen by a transformation. What the vendors make of it is shown by the
 * tests on the local cloud.
 */

interface Declared {
  readonly type: string;
  readonly name: string;
  readonly props: Record<string, unknown>;
  readonly opts: pulumi.CustomResourceOptions;
}

runtime.setMocks({
  newResource: ({ name, inputs }) => ({
    id: /^\d+$/.test(name) ? name : `${name}-id`,
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
      password: "made-by-vendor",
      result: "generated",
      endpoint: "fra1.example.com",
      ...inputs,
    },
  }),
  call: () => ({ certificate: "PEM" }),
});

const PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const account = connectCloudflareAccount({ accountId: "0".repeat(32), apiToken: "token" });
let team: DigitalOceanAccount | undefined;
let aws: AwsAccount | undefined;
const elsewhere = {
  digitalocean: () => {
    team ??= connectDigitalOcean({ token: "t", spacesAccessId: "i", spacesSecretKey: "k" });
    return team;
  },
  aws: () => {
    const keys = { accountId: "111111111111", accessKey: "a", secretKey: "s" };
    aws ??= {
      ...connectAws({ ...keys, databaseAuthorityFile: undefined }),
      databaseAuthority: PEM,
    };
    return aws;
  },
};

async function declare(
  tier: Tier,
  declaration: (scope: Scope) => unknown,
  {
    accounts = true,
    operatorAddresses = [] as readonly string[],
    databaseAuthority = PEM as string | null,
  } = {},
): Promise<Declared[]> {
  const declared: Declared[] = [];
  const scope = new Scope(
    "shop",
    {
      environment: tier,
      tier,
      account,
      operatorAddresses,
      ...(accounts
        ? {
            elsewhere: {
              ...elsewhere,
              aws: () => ({
                ...elsewhere.aws(),
                databaseAuthority: databaseAuthority ?? undefined,
              }),
            },
          }
        : {}),
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
  return declared;
}

const CIDR = [{ cidr: "203.0.113.0/24" }];
const postgres = (scope: Scope, change: Partial<PostgresArgs> = {}) =>
  new Postgres("main", {
    scope,
    vendor: digitalOceanPostgres(),
    databases: { main: { name: "shop", schemas: ["app"] } },
    users: { shop_app: { database: "main" } },
    sources: CIDR,
    ...change,
  });

const promised = <T>(value: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => {
    value.apply(resolve);
  });

const ofType = (declared: Declared[], type: RegExp) =>
  declared.filter((each) => type.test(each.type));

describe("Postgres", () => {
  it("protects what holds data in production, and nothing in development", async () => {
    const data = /databaseCluster|databaseDb|rds\/instance|volume:Volume/;
    const all = (scope: Scope) => {
      postgres(scope);
      const network = new Network("net", { scope, vendor: awsNetwork });
      new Postgres("rds", {
        scope,
        vendor: awsPostgres(),
        network,
        databases: { main: {} },
        users: {},
        sources: CIDR,
      });
      new Postgres("own", {
        scope,
        vendor: selfHostedPostgres(),
        databases: { main: {} },
        users: {},
        sources: CIDR,
      });
    };
    const production = ofType(await declare("production", all), data);
    expect(production).toHaveLength(4);
    expect(production.map(({ opts }) => opts.protect)).toEqual([true, true, true, true]);
    const development = ofType(await declare("development", all), data);
    expect(development.map(({ opts }) => opts.protect ?? false)).toEqual(Array(4).fill(false));
  });

  it("has a standby and longer backups in production", async () => {
    const [cluster] = ofType(await declare("production", (scope) => postgres(scope)), /Cluster$/);
    expect(cluster?.props).toMatchObject({ nodeCount: 2, size: "db-s-1vcpu-2gb" });
    const [small] = ofType(await declare("staging", (scope) => postgres(scope)), /Cluster$/);
    expect(small?.props).toMatchObject({ nodeCount: 1, size: "db-s-1vcpu-1gb" });
  });

  it("lets its sources and the operators in, and refuses to let everyone in", async () => {
    const operators = { operatorAddresses: ["198.51.100.7/32"] };
    const declared = await declare("staging", (scope) => postgres(scope), operators);
    expect(ofType(declared, /databaseFirewall/)[0]?.props.rules).toEqual([
      { type: "ip_addr", value: "203.0.113.0/24" },
      { type: "ip_addr", value: "198.51.100.7/32" },
    ]);
    await expect(declare("staging", (scope) => postgres(scope, { sources: [] }))).rejects.toThrow(
      /names nobody who may reach it.*bulkhead:operatorAddresses/,
    );
  });

  it("gives applications a login of their own, and never the administrator's", async () => {
    await declare("staging", (scope) => {
      const connection = postgres(scope).connection("shop_app");
      expect(connection).toMatchObject({ user: "shop_app", sslMode: "verify-full" });
    });
  });

  it.each<[string, Partial<PostgresArgs>, RegExp]>([
    [
      "a user of a database that is not declared",
      { users: { a: { database: "nope" } } },
      /users\.a\.database is "nope"/,
    ],
    [
      "a pool for a user that is not declared",
      { pool: { database: "main", user: "nobody", size: 5 } },
      /pool\.user is "nobody"/,
    ],
    [
      "a name that must be quoted",
      { databases: { main: { name: "My-DB" } } },
      /databases\.main\.name "My-DB" is not a valid name/,
    ],
    [
      "a pool at RDS",
      { vendor: awsPostgres(), pool: { database: "main", user: "shop_app", size: 5 } },
      /RDS does not have/,
    ],
    [
      "a database of the server's own",
      { databases: { main: { name: "defaultdb" } } },
      /databases\.main\.name "defaultdb" is a name that PostgreSQL or a vendor keeps/,
    ],
    [
      "a user of the vendor's own",
      { users: { doadmin: { database: "main" } } },
      /users "doadmin" is a name that/,
    ],
    [
      "a pool that is greater than its user's limit",
      {
        users: { shop_app: { database: "main", connectionLimit: 4 } },
        pool: { database: "main", user: "shop_app", size: 5 },
      },
      /pool\.size is 5.*connectionLimit lets its user have 4/,
    ],
    [
      "a limit of no connections",
      { users: { shop_app: { database: "main", connectionLimit: 0 } } },
      /users\.shop_app\.connectionLimit is 0/,
    ],
    ["RDS without a network", { vendor: awsPostgres() }, /has no network/],
    [
      "a droplet as a source at AWS",
      { vendor: awsPostgres(), sources: [{ dropletId: "1" }] },
      /has no network|droplet cannot be a source/,
    ],
    [
      "a pool on a machine of one's own",
      { vendor: selfHostedPostgres(), pool: { database: "main", user: "shop_app", size: 5 } },
      /machine of one's own does not have/,
    ],
  ])("refuses %s", async (_what, change, message) => {
    await expect(declare("staging", (scope) => postgres(scope, change))).rejects.toThrow(message);
  });

  it("limits its users' connections inside the server at every vendor", async () => {
    const users = { shop_app: { database: "main", connectionLimit: 7 } };
    const network = (scope: Scope) => new Network("net", { scope, vendor: awsNetwork });
    for (const change of [
      () => ({}),
      () => ({ vendor: selfHostedPostgres() }),
      (scope: Scope) => ({ vendor: awsPostgres(), network: network(scope) }),
    ]) {
      const declared = await declare("staging", (scope) =>
        postgres(scope, { users, ...change(scope) }),
      );
      const [layout] = ofType(declared, /postgres:Database/);
      expect(layout?.props.roles).toMatchObject([{ name: "shop_app", connectionLimit: 7 }]);
    }
  });

  it("shows the authority of its certificate, which is no secret", async () => {
    await declare("staging", async (scope) => {
      const server = postgres(scope);
      expect(await pulumi.isSecret(server.caCertificate)).toBe(false);
      expect(await promised(server.caCertificate)).toBe("PEM");
      expect(await promised(server.state)).toMatchObject({ caCertificate: "PEM" });
      expect(await pulumi.isSecret(server.state)).toBe(false);
    });
  });

  it.each([
    [
      "not set",
      null,
      /awsDatabaseAuthorityFile is not set\. Download https:\/\/truststore.*us-east-1-bundle\.pem.*pulumi config set/,
    ],
    ["no certificate", "hello", /awsDatabaseAuthorityFile names a file without a certificate/],
  ])(
    "says before anything is made that RDS's authority is %s",
    async (_what, authority, message) => {
      const rds = (scope: Scope) => {
        const network = new Network("net", { scope, vendor: awsNetwork });
        postgres(scope, { vendor: awsPostgres(), network });
      };
      const options = { databaseAuthority: authority };
      await expect(declare("staging", rds, options)).rejects.toThrow(message);
      await declare("staging", rds);
    },
  );

  it("says which user has no pool, and which user there is not", async () => {
    await declare("staging", (scope) => {
      const server = postgres(scope);
      expect(() => server.connection("shop_app").pooledUrl("prisma")).toThrow(/has no pool/);
      expect(() => server.connection("root")).toThrow(/users has no "root" \(shop_app\)/);
    });
  });

  it("needs an account at its vendor", async () => {
    await expect(
      declare("staging", (scope) => postgres(scope), { accounts: false }),
    ).rejects.toThrow(/uses DigitalOcean, but its scope has no account there/);
  });
});

describe("Redis", () => {
  const redis = (scope: Scope, vendor = digitalOceanRedis(), applications = ["api"]) =>
    new Redis("cache", {
      scope,
      vendor,
      applications,
      sources: CIDR,
      ...(vendor.name === "aws"
        ? { network: new Network("net", { scope, vendor: awsNetwork }) }
        : {}),
    });

  it("keeps each application at AWS to its own keys by a user of its own", async () => {
    const declared = await declare("staging", (scope) =>
      redis(scope, awsRedis(), ["api", "worker"]),
    );
    const strings = ofType(declared, /elasticache\/user:User/).map(
      ({ props }) => props.accessString,
    );
    expect(strings).toEqual([
      "on ~shop:staging:api:* &shop:staging:api:* +@all -@admin -@dangerous",
      "on ~shop:staging:worker:* &shop:staging:worker:* +@all -@admin -@dangerous",
    ]);
    expect(ofType(declared, /replicationGroup/)[0]?.props).toMatchObject({
      transitEncryptionEnabled: true,
      atRestEncryptionEnabled: true,
    });
  });

  it("gives keys the environment's namespace at every vendor (A9-A10)", async () => {
    await declare("staging", (scope) => {
      expect(redis(scope).connection("api").keyPrefix).toBe("shop:staging:api:");
      expect(() => redis(scope, digitalOceanRedis(), ["Api"])).toThrow(/applications "Api"/);
    });
  });
});

describe("Bucket", () => {
  it("is private, encrypted and versioned at S3, and versioned at Spaces", async () => {
    const declared = await declare("production", (scope) => {
      new Bucket("files", { scope, vendor: s3 });
      new Bucket("reps", { scope, vendor: spaces });
    });
    expect(ofType(declared, /bucketPublicAccessBlock/)[0]?.props).toMatchObject({
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(ofType(declared, /bucketVersioning/)[0]?.props).toMatchObject({
      versioningConfiguration: { status: "Enabled" },
    });
    expect(ofType(declared, /spacesBucket:/)[0]?.props).toMatchObject({
      acl: "private",
      versioning: { enabled: true },
    });
    expect(ofType(declared, /spacesKey/)[0]?.props).toMatchObject({
      grants: [{ permission: "readwrite" }],
    });
  });

  it("refuses versions where the vendor has none, and a class of storage that Spaces lacks", async () => {
    await expect(
      declare("staging", (scope) => new Bucket("files", { scope, versioning: true })),
    ).rejects.toThrow(/r2 keeps no earlier versions/);
    const lifecycle = [{ id: "cold", infrequentAccessAfterDays: 30 }];
    await expect(
      declare("staging", (scope) => new Bucket("files", { scope, vendor: spaces, lifecycle })),
    ).rejects.toThrow(/Spaces does not have/);
    await declare("staging", (scope) => {
      expect(() => new Bucket("files", { scope, vendor: s3 }).access()).toThrow(/no access key/);
    });
  });
});

describe("Network", () => {
  it("has a subnet in each of its zones, a and b unless others are named", async () => {
    const zones = async (change: { zones?: readonly string[] } = {}) => {
      const declared = await declare(
        "staging",
        (scope) => new Network("a", { scope, vendor: awsNetwork, ...change }),
      );
      return ofType(declared, /Subnet$/).map(({ props }) => [
        props.availabilityZone,
        props.cidrBlock,
      ]);
    };
    expect(await zones()).toEqual([
      ["us-east-1a", "10.0.0.0/24"],
      ["us-east-1b", "10.0.1.0/24"],
    ]);
    expect((await zones({ zones: ["c", "a", "d"] })).map(([zone]) => zone)).toEqual([
      "us-east-1c",
      "us-east-1a",
      "us-east-1d",
    ]);
    await expect(zones({ zones: ["us-east-1a", "b"] })).rejects.toThrow(
      /"us-east-1a" is not the letter/,
    );
    await expect(zones({ zones: ["a", "a"] })).rejects.toThrow(/one is named twice/);
    await expect(zones({ zones: ["a"] })).rejects.toThrow(/need 2 at least.*describe-availability/);
  });

  it("is refused at DigitalOcean, where a team is in its own", async () => {
    const inNetwork = (scope: Scope) => ({
      network: new Network("net", { scope, vendor: awsNetwork }),
    });
    for (const vendor of [digitalOceanPostgres(), selfHostedPostgres()])
      await expect(
        declare("staging", (scope) => postgres(scope, { vendor, ...inNetwork(scope) })),
      ).rejects.toThrow(/names a network of aws\. Leave network out/);
    const redis = (scope: Scope) =>
      new Redis("cache", {
        scope,
        vendor: digitalOceanRedis(),
        applications: ["api"],
        sources: CIDR,
        ...inNetwork(scope),
      });
    await expect(declare("staging", redis)).rejects.toThrow(/Leave network out/);
  });

  it("divides a /16, and refuses any other range", () => {
    expect([0, 1].map((index) => subnetRange("10.40.0.0/16", index))).toEqual([
      "10.40.0.0/24",
      "10.40.1.0/24",
    ]);
    expect(() => subnetRange("10.40.0.0/24", 0)).toThrow(/is no \/16/);
  });
});
