/** Every way to share a server of data, and what stands around it; by the rule that notices it. */
import { Secret } from "../../../isolation/facts.ts";
import { verifierOf } from "../estate/data-servers.ts";
import { type Estate, output, resourceOf, type Value, type Values } from "../estate/spec.ts";
import { ownSecret, postgresUrl, secretVariable, set, textOf } from "./changes.ts";
import type { Corpus, Mutation, NearMiss } from "./mutation.ts";

/** Sets inputs of one of staging's resources, made of what production has. */
const given = (
  name: string,
  key: string,
  inputs: (estate: Estate) => Values,
  rest: Partial<Mutation> = {},
): Mutation => ({
  name,
  knownAt: "preview resource",
  change(estate) {
    set(estate, "staging", key, inputs(estate));
  },
  ...rest,
});

/** Changes some inputs of staging's within one of its properties. */
const within = (
  estate: Estate,
  key: string,
  property: string,
  values: Readonly<Record<string, Value>>,
): Values => ({
  [property]: { ...(resourceOf(estate, "staging", key).inputs[property] as Values), ...values },
});

const production = (estate: Estate, key: string, path = "id"): string =>
  textOf(estate, "production", key, path);

const host = (estate: Estate): string => production(estate, "postgres", "host");

const origin = (
  name: string,
  values: (estate: Estate) => Values,
  key = "postgres hyperdrive",
): Mutation => given(name, key, (estate) => within(estate, key, "origin", values(estate)));

/** An IPv4 address as one number in hexadecimal. */
const asNumber = (address: string): string =>
  `0x${address
    .split(".")
    .map((part) => Number(part).toString(16).padStart(2, "0"))
    .join("")}`;

/** What a resource of staging's is told to use by name, once its account is production's. */
const inProductionsAccount = (name: string, key: string, inputs: Values): Mutation => ({
  name,
  knownAt: "update stack",
  change(estate) {
    set(estate, "staging", key, inputs);
    const { answer } = resourceOf(estate, "staging", key);
    const [own, theirs] = ["staging", "production"].map(
      (stack) => textOf(estate, stack, key, "arn").split(":")[4] ?? "",
    );
    answer.arn = String(answer.arn).replace(own ?? "", theirs ?? "");
  },
  also: ["separate-accounts"],
});

const redisUrl = (estate: Estate, stack: string, rest: string): Secret => {
  const server = textOf(estate, stack, "redis", "host");
  return new Secret(`rediss://default:${ownSecret("staging", "redis")}@${server}${rest}`);
};

export const foreignServers: Corpus = {
  mutations: [
    origin("Hyperdrive at the direct port of production's Postgres", (estate) => ({
      host: host(estate),
    })),
    origin("Hyperdrive at the pooled port of production's Postgres", (estate) => ({
      host: production(estate, "agentverse pool", "host"),
      port: 25061,
    })),
    origin("Hyperdrive at another database and user of production's Postgres", (estate) => ({
      host: host(estate),
      database: "agentverse_staging",
      user: "staging",
    })),
    origin("Hyperdrive at production's Postgres in capitals, with a final dot", (estate) => ({
      host: `${host(estate).toUpperCase()}.`,
    })),
    origin("Hyperdrive at the private host of production's Postgres", (estate) => ({
      host: production(estate, "postgres", "privateHost"),
    })),
    origin(
      "Hyperdrive at the address of production's droplet",
      (estate) => ({ host: production(estate, "data droplet", "ipv4Address") }),
      "data hyperdrive",
    ),
    origin(
      "Hyperdrive at another spelling of that address, and another port",
      (estate) => ({
        host: asNumber(production(estate, "data droplet", "ipv4Address")),
        port: 6432,
      }),
      "data hyperdrive",
    ),
    given("the certificate that production's server is checked by", "data hyperdrive", (estate) =>
      within(estate, "data hyperdrive", "mtls", {
        caCertificateId: production(estate, "data authority"),
      }),
    ),
    {
      name: "another index of production's Redis",
      knownAt: "preview resource",
      change(estate) {
        secretVariable(estate, "QUEUE_URL", {
          staging: redisUrl(estate, "production", ":25061/7"),
        });
      },
    },
    {
      name: "production's cache at AWS by its host and another port",
      knownAt: "preview resource",
      change(estate) {
        const cache = production(estate, "cache group", "primaryEndpointAddress");
        secretVariable(estate, "QUEUE_URL", {
          staging: new Secret(`rediss://api:${ownSecret("staging", "redis")}@${cache}:6380/1`),
        });
      },
    },
    given("a database that is made in production's server", "postgres database", (estate) =>
      within(estate, "postgres database", "server", { host: host(estate) }),
    ),
    given("a database that is made on production's droplet", "data database", (estate) =>
      within(estate, "data database", "server", {
        host: production(estate, "data droplet", "ipv4Address"),
      }),
    ),
    ...["agentverse pool", "agentverse user", "agentverse db", "redis firewall"].map((key) =>
      given(
        `the ${key} in production's cluster`,
        key,
        (estate) => ({ clusterId: production(estate, "postgres") }),
        key === "redis firewall" ? { also: ["no-public-database"] } : {},
      ),
    ),
    given("a Spaces key for production's bucket", "reps key", (estate) => ({
      grants: [
        { bucket: "agentverse-staging-reps", permission: "readwrite" },
        { bucket: production(estate, "reps", "name"), permission: "read" },
      ],
    })),
    inProductionsAccount("production's user of a cache in staging's group", "cache users", {
      userIds: ["instainstru-sessions-staging-api", "instainstru-sessions-production-api"],
    }),
    inProductionsAccount("production's users for a cache", "cache group", {
      userGroupIds: ["instainstru-sessions-production"],
    }),
    inProductionsAccount("a cache in production's subnets", "cache group", {
      subnetGroupName: "instainstru-sessions-production",
    }),
    inProductionsAccount("an RDS instance in production's subnet group", "rds", {
      dbSubnetGroupName: "instainstru-sessions-production",
    }),
    given("a subnet group of production's subnets", "rds subnets", (estate) => ({
      subnetIds: [production(estate, "subnet a"), production(estate, "subnet b")],
    })),
    given("a subnet in production's VPC", "subnet a", (estate) => ({
      vpcId: production(estate, "vpc"),
    })),
    given("an RDS instance in production's security group", "rds", (estate) => ({
      vpcSecurityGroupIds: [production(estate, "security group")],
    })),
    given("a cache in production's default security group", "cache group", (estate) => ({
      securityGroupIds: [production(estate, "security group").toUpperCase()],
    })),
    given("a droplet with production's volume", "data droplet", (estate) => ({
      volumeIds: [production(estate, "data volume")],
    })),
    given("a droplet in production's VPC", "data droplet", (estate) => ({
      vpcUuid: production(estate, "data vpc"),
    })),
    given("a firewall of production's droplet", "data firewall", (estate) => ({
      dropletIds: [Number(production(estate, "data droplet"))],
    })),
    given("a firewall that lets production's droplet in", "data firewall", (estate) => ({
      inboundRules: [
        {
          protocol: "tcp",
          portRange: "5432",
          sourceDropletIds: [Number(production(estate, "data droplet"))],
        },
      ],
    })),
    given("a database's firewall for production's droplet", "postgres firewall", (estate) => ({
      rules: [{ type: "droplet", value: production(estate, "data droplet") }],
    })),
  ],
  nearMisses: [
    given("the stack's own server in another spelling", "postgres hyperdrive", (estate) =>
      within(estate, "postgres hyperdrive", "origin", {
        host: `${textOf(estate, "staging", "postgres", "host").toUpperCase()}.`,
      }),
    ),
    {
      name: "the stack's own pool and its own server together",
      change(estate) {
        const [direct, pooled] = ["postgres", "agentverse pool"].map((key) =>
          textOf(estate, "staging", key, "host"),
        );
        secretVariable(estate, "DIRECT_URL", {
          staging: postgresUrl("staging", `${direct}:25060`),
        });
        secretVariable(estate, "POOLED_URL", {
          staging: postgresUrl("staging", `${pooled}:25061`),
        });
      },
    },
    {
      name: "another index of the stack's own Redis",
      change(estate) {
        secretVariable(estate, "QUEUE_URL", { staging: redisUrl(estate, "staging", ":25061/7") });
      },
    },
    given("its own droplet at a firewall", "postgres firewall", (estate) => ({
      rules: [{ type: "droplet", value: textOf(estate, "staging", "data droplet", "id") }],
    })),
    given(
      "a tag that is spelled like the number of production's droplet",
      "postgres firewall",
      (estate) => ({ rules: [{ type: "tag", value: production(estate, "data droplet") }] }),
    ),
    given("a user of a cache by production's name in its own account", "cache users", () => ({
      userIds: ["instainstru-sessions-production-api"],
    })),
    given("the parameters that AWS gives to every account", "cache group", () => ({
      parameterGroupName: "default.valkey8",
    })),
    given("a Spaces key for the stack's own bucket in capitals", "reps key", () => ({
      grants: [{ bucket: "Agentverse-Staging-Reps", permission: "read" }],
    })),
    {
      name: "a key for its own bucket, which has production's name in another region",
      change(estate) {
        set(estate, "production", "reps", { name: "agentverse-staging-reps", region: "ams3" });
      },
    },
  ],
};

export const ownedServers: Corpus = {
  mutations: [
    ["an RDS instance at the address of production's", "rds", "address"],
    ["a cache at the address of production's", "cache group", "primaryEndpointAddress"],
    // What is inside of it is announced before the droplet's own address is known to be its own.
    [
      "a droplet at the address of production's",
      "data droplet",
      "ipv4Address",
      "no-foreign-reference",
    ],
  ].map(
    ([name = "", key = "", path = "", ...also]): Mutation => ({
      name,
      ...(also.length > 0 && { also }),
      knownAt: "update stack",
      change(estate) {
        resourceOf(estate, "staging", key).answer[path] = production(estate, key, path);
      },
    }),
  ),
  nearMisses: [
    {
      name: "two droplets at one address of their unconnected private networks",
      change(estate) {
        for (const { stack } of estate.stacks)
          resourceOf(estate, stack, "data droplet").answer.ipv4AddressPrivate = "10.40.0.9";
      },
    },
  ],
};

export const serversOfNobody: Corpus = {
  mutations: [
    {
      name: "one server of the local cloud by two ports",
      knownAt: "preview resource",
      change(estate) {
        secretVariable(estate, "REPORTS_URL", {
          staging: postgresUrl("staging", "127.66.43.40:25060"),
          production: postgresUrl("production", "127.66.43.40:25061", "/other?sslmode=require"),
        });
      },
    },
    {
      name: "a server that providers of both stacks are set to",
      knownAt: "preview resource",
      change(estate) {
        for (const stack of estate.stacks)
          stack.resources.push({
            ...resourceOf(estate, stack.stack, "cloudflare"),
            key: "postgresql",
            type: "pulumi:providers:postgresql",
            name: "postgresql",
            inputs: {
              host: stack.stack === "dev" ? "db.dev.handmade.dev" : "db.handmade.dev",
              port: 5432,
              sslmode: "require",
            },
            id: `postgresql-${stack.stack}`,
          });
      },
    },
  ],
  nearMisses: [
    {
      name: "servers of the local cloud, each at an address of its own and the vendor's port",
      change(estate) {
        secretVariable(estate, "REPORTS_URL", {
          staging: postgresUrl("staging", "127.66.43.40:25060"),
          production: postgresUrl("production", "127.79.200.190:25060"),
        });
      },
    },
    {
      name: "the vendor's API, where providers of all stacks find it",
      change(estate) {
        for (const { stack } of estate.stacks) {
          set(estate, stack, "digitalocean", {
            apiEndpoint: "http://127.0.0.1:7381",
            spacesEndpoint: "http://127.0.0.1:7382",
          });
          set(estate, stack, "aws", {
            endpoints: JSON.stringify([{ rds: "http://127.0.0.1:7383" }]),
          });
        }
      },
    },
  ],
};

export const serversSecrets: Corpus = {
  mutations: [
    {
      name: "the password of the administrator of production's server",
      knownAt: "update resource",
      change(estate) {
        const password = production(estate, "data password", "result");
        resourceOf(estate, "staging", "data password").answer.result = new Secret(password);
      },
    },
    {
      name: "the private key of production's server",
      knownAt: "update stack",
      change(estate) {
        const key = production(estate, "data certificate", "privateKey");
        resourceOf(estate, "staging", "data certificate").answer.privateKey = new Secret(key);
      },
    },
    {
      name: "the secret of production's Spaces key",
      knownAt: "update stack",
      change(estate) {
        const key = production(estate, "reps key", "secretKey");
        resourceOf(estate, "staging", "reps key").answer.secretKey = new Secret(key);
      },
    },
    given("the password of a user of production's cache", "cache user", (estate) => ({
      authenticationMode: {
        type: "password",
        passwords: [new Secret(production(estate, "cache password", "result"))],
      },
    })),
  ],
  nearMisses: [
    given("the previous and the next password of its own cache's user", "cache user", () => ({
      authenticationMode: {
        type: "password",
        passwords: [output("cache password", "result"), new Secret(ownSecret("staging", "next"))],
      },
    })),
  ],
};

const userData = (name: string, text: string): Mutation =>
  given(name, "data droplet", () => ({ userData: text }));

const SETUP = (verifier: string): string => `CREATE ROLE administrator PASSWORD '${verifier}';`;

export const plainServers: Corpus = {
  mutations: [
    userData(
      "user data with the verifier of production's password",
      SETUP(verifierOf("bulkhead", "production")),
    ),
    userData("user data with a verifier that nobody else holds", SETUP(verifierOf("x", "y"))),
    {
      name: "the secret of a Spaces key under a plain name",
      knownAt: "preview resource",
      change(estate) {
        const secret = ownSecret("staging", "spaces");
        set(estate, "staging", "digitalocean", { spacesSecretKey: new Secret(secret) });
        set(estate, "staging", "data droplet", { userData: `export STORAGE=${secret}` });
      },
    },
  ],
  nearMisses: [
    userData("user data that says how passwords are kept", "password_encryption = 'scram-sha-256'"),
    userData(
      "user data with a verifier to be filled in",
      "PASSWORD 'SCRAM-SHA-256$4096:SALT$STORED:SERVER'",
    ),
  ],
};

const inbound = (portRange: string, sourceAddresses: readonly string[]): Values => ({
  inboundRules: [{ protocol: "tcp", portRange, sourceAddresses }],
});

export const openServers: Corpus = {
  mutations: [
    given("a droplet's Postgres open to everybody", "data firewall", () =>
      inbound("5432", ["103.21.244.0/22", "0.0.0.0/0"]),
    ),
    given("all ports of a droplet open to everybody by IPv6", "data firewall", () =>
      inbound("all", ["::/0"]),
    ),
    given("ports of a droplet with Redis among them open to everybody", "data firewall", () =>
      inbound("6000-7000", ["0.0.0.0/0"]),
    ),
    given("a database open to everybody by IPv6", "redis firewall", () => ({
      rules: [{ type: "ip_addr", value: "::/0" }],
    })),
  ],
  nearMisses: [
    given("a web server of a droplet open to everybody", "data firewall", () =>
      inbound("443", ["0.0.0.0/0", "::/0"]),
    ),
    given("ports of a droplet around those of databases open to everybody", "data firewall", () =>
      inbound("5440-6378", ["0.0.0.0/0"]),
    ),
  ] satisfies readonly NearMiss[],
};
