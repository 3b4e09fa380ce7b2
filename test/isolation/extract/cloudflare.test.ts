import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CLOUDFLARE } from "../../../isolation/extract/cloudflare.ts";
import { BINDINGS } from "../../../isolation/extract/cloudflare-bindings.ts";
import { extract } from "../../../isolation/extract/index.ts";
import { type FactMap, Secret, UNKNOWN } from "../../../isolation/facts.ts";
import {
  ACCOUNT,
  type Case,
  claimsOf,
  describeTable,
  HEX,
  OTHER_ACCOUNT,
  OTHER_UUID,
  referencesOf,
  resource,
  UUID,
  ZONE,
} from "./support.ts";

const cf = (name: string): string =>
  `cloudflare:index/${name}:${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** A resource of the account. */
const inAccount = (name: string, inputs: FactMap, rest: Omit<Case, "type" | "inputs">): Case => ({
  type: cf(name),
  inputs: { accountId: ACCOUNT, ...inputs },
  ...rest,
});

/** A resource of the zone. */
const inZone = (name: string, inputs: FactMap, rest: Omit<Case, "type" | "inputs">): Case => ({
  type: cf(name),
  inputs: { zoneId: ZONE, ...inputs },
  ...rest,
  references: [`id zoneId zone:${ZONE}`, ...rest.references],
});

/** A binding of every type that names something, with its references. */
const BINDING_CASES: readonly (readonly [FactMap, readonly string[]])[] = [
  [{ type: "ai_search", instanceName: "docs" }, [`instanceName ai-search:${ACCOUNT}/default/docs`]],
  [{ type: "ai_search_namespace", namespace: "team" }, [`namespace ai-search:${ACCOUNT}/team`]],
  [{ type: "analytics_engine", dataset: "events" }, [`dataset analytics:${ACCOUNT}/events`]],
  [{ type: "d1", databaseId: UUID }, [`databaseId id:${UUID}`]],
  [{ type: "d1", id: UUID.toUpperCase() }, [`id id:${UUID}`]],
  [
    { type: "dispatch_namespace", namespace: "live", outbound: { worker: { service: "out" } } },
    [`namespace dispatch:${ACCOUNT}/live`, `outbound.worker.service worker:${ACCOUNT}/out`],
  ],
  [
    {
      type: "durable_object_namespace",
      namespaceId: HEX,
      scriptName: "rooms",
      dispatchNamespace: "live",
    },
    [
      `namespaceId id:${HEX}`,
      `scriptName worker:${ACCOUNT}/rooms`,
      `dispatchNamespace dispatch:${ACCOUNT}/live`,
    ],
  ],
  [{ type: "flagship", appId: "App-1" }, ["appId id:app-1"]],
  [{ type: "hyperdrive", id: HEX }, [`id id:${HEX}`]],
  [{ type: "k2", stream: "Stream-1" }, ["stream id:stream-1"]],
  [{ type: "kv_namespace", namespaceId: HEX }, [`namespaceId id:${HEX}`]],
  [{ type: "mtls_certificate", certificateId: UUID }, [`certificateId id:${UUID}`]],
  [{ type: "pipelines", pipeline: "events" }, [`pipeline pipeline:${ACCOUNT}/events`]],
  [{ type: "queue", queueName: "jobs" }, [`queueName queue-name:${ACCOUNT}/jobs`]],
  [{ type: "r2_bucket", bucketName: "files" }, [`bucketName r2:${ACCOUNT}/files`]],
  [
    { type: "r2_bucket", bucketName: "files", jurisdiction: "eu" },
    [`bucketName r2:${ACCOUNT}/eu/files`],
  ],
  [
    { type: "secrets_store_secret", storeId: HEX, secretName: "KEY" },
    [`secretName secret-store:${HEX}/KEY`, `storeId id:${HEX}`],
  ],
  [{ type: "service", service: "api" }, [`service worker:${ACCOUNT}/api`]],
  [{ type: "vectorize", indexName: "docs" }, [`indexName vectorize:${ACCOUNT}/docs`]],
  [{ type: "vpc_network", tunnelId: UUID }, [`tunnelId id:${UUID}`]],
  [{ type: "vpc_service", serviceId: UUID }, [`serviceId id:${UUID}`]],
  [
    { type: "workflow", workflowName: "order", scriptName: "flows" },
    [`workflowName workflow:${ACCOUNT}/order`, `scriptName worker:${ACCOUNT}/flows`],
  ],
];

const bindings = BINDING_CASES.map(
  ([binding], index): FactMap => ({ name: `B${index}`, ...binding }),
);
const bindingReferences = BINDING_CASES.flatMap(([, references], index) =>
  references.map((reference) => `binding bindings[${index}].${reference}`),
);

const workerCase = (name: string): Case =>
  inAccount(
    name,
    { scriptName: "api", bindings, tailConsumers: [{ service: "tail" }] },
    {
      id: "api",
      claims: [`worker:${ACCOUNT}/api`],
      references: [...bindingReferences, `name tailConsumers[0].service worker:${ACCOUNT}/tail`],
    },
  );

const bucketSettings = (name: string): Case =>
  inAccount(
    name,
    { bucketName: "files" },
    { id: "files", claims: [], references: [`name bucketName r2:${ACCOUNT}/files`] },
  );

const workerSettings = (name: string): Case =>
  inAccount(
    name,
    { scriptName: "api" },
    { id: "api", claims: [], references: [`name scriptName worker:${ACCOUNT}/api`] },
  );

const workerDomain = (name: string): Case =>
  inAccount(
    name,
    { hostname: "API.example.com", service: "api", zoneId: ZONE },
    {
      id: HEX,
      claims: ["host:api.example.com"],
      references: [`id zoneId zone:${ZONE}`, `name service worker:${ACCOUNT}/api`],
    },
  );

const record = (name: string): Case =>
  inZone(
    name,
    { name: "API.example.com", type: "CNAME", content: "target.example.net", ttl: 1 },
    {
      id: HEX,
      claims: [`id:${HEX}`, "host:api.example.com"],
      references: ["name content host:target.example.net"],
    },
  );

const namespace = (name: string): Case =>
  inAccount(
    name,
    { name: "live" },
    {
      id: "live",
      outputs: { namespaceId: UUID },
      claims: [`dispatch:${ACCOUNT}/live`, `id:${UUID}`],
      references: [],
    },
  );

/** The tokens' permission group is the vendor's own. */
const token = (name: string): Case => ({
  type: cf(name),
  id: HEX,
  inputs: {
    policies: [
      {
        permissionGroups: [{ id: "c8fed203ed3043cba015a93ad1616f1f" }],
        resources: JSON.stringify({ [`com.cloudflare.api.account.${ACCOUNT}`]: "*", on: ZONE }),
      },
    ],
  },
  claims: [`id:${HEX}`],
  references: [`id policies[0].resources id:${ZONE}`],
});

const CASES: readonly Case[] = [
  token("accountToken"),
  token("apiToken"),
  inAccount(
    "aiGateway",
    { aiGatewayId: "main" },
    {
      id: "main",
      claims: [`ai-gateway:${ACCOUNT}/main`],
      references: [],
    },
  ),
  inAccount(
    "aiGatewayDynamicRouting",
    { gatewayId: "main", name: "fallback" },
    {
      id: "route-1",
      claims: [`resource:${cf("aiGatewayDynamicRouting")}/${ACCOUNT}/route-1`],
      references: [`name gatewayId ai-gateway:${ACCOUNT}/main`],
    },
  ),
  inAccount(
    "aiSearchInstance",
    {
      aiSearchInstanceId: "docs",
      namespace: "team",
      type: "r2",
      source: "files",
      aiGatewayId: "main",
    },
    {
      id: "docs",
      claims: [`ai-search:${ACCOUNT}/team/docs`],
      references: [
        `name source r2:${ACCOUNT}/files`,
        `name aiGatewayId ai-gateway:${ACCOUNT}/main`,
      ],
    },
  ),
  inAccount(
    "connectivityDirectoryService",
    {
      type: "tcp",
      host: { hostname: "db.example.com", ipv4: "10.0.0.5", ipv6: "2001:db8::5" },
      tcpPort: 5432,
    },
    {
      id: UUID,
      claims: [`id:${UUID}`],
      references: [
        "name host.hostname server:db.example.com",
        "name host.ipv4 server:10.0.0.5",
        "name host.ipv6 server:[2001:db8::5]",
      ],
    },
  ),
  inZone(
    "customHostname",
    { hostname: "shop.customer.example" },
    {
      id: UUID,
      claims: [`id:${UUID}`, "host:shop.customer.example"],
      references: [],
    },
  ),
  inAccount(
    "d1Database",
    { name: "shop" },
    {
      id: "Imported",
      outputs: { accountId: ACCOUNT, uuid: UUID.toUpperCase() },
      claims: ["id:imported", `id:${UUID}`],
      references: [],
    },
  ),
  record("dnsRecord"),
  record("record"),
  inAccount(
    "hyperdriveConfig",
    {
      origin: {
        host: "DB.example.com",
        port: 6543,
        scheme: "postgres",
        database: "shop",
        password: new Secret(UUID),
        serviceId: OTHER_UUID,
      },
      mtls: { caCertificateId: UUID, mtlsCertificateId: OTHER_UUID, sslmode: "verify-full" },
    },
    {
      id: HEX,
      claims: [`id:${HEX}`],
      references: [
        "name origin.host server:db.example.com",
        `id origin.serviceId id:${OTHER_UUID}`,
        `id mtls.caCertificateId id:${UUID}`,
        `id mtls.mtlsCertificateId id:${OTHER_UUID}`,
      ],
    },
  ),
  inAccount(
    "pagesDomain",
    { name: "www.example.com", projectName: "site" },
    {
      id: "www.example.com",
      claims: ["host:www.example.com"],
      references: [`name projectName pages:${ACCOUNT}/site`],
    },
  ),
  inAccount(
    "pagesProject",
    {
      name: "site",
      deploymentConfigs: {
        preview: {
          analyticsEngineDatasets: { A: { dataset: "events" } },
          d1Databases: { DB: { id: UUID } },
          durableObjectNamespaces: { DO: { namespaceId: HEX } },
          hyperdriveBindings: { HD: { id: HEX } },
          kvNamespaces: { KV: { namespaceId: HEX } },
          mtlsCertificates: { TLS: { certificateId: UUID } },
          queueProducers: { Q: { name: "jobs" } },
          r2Buckets: { R2: { name: "files", jurisdiction: "eu" } },
          services: { S: { service: "api" } },
          vectorizeBindings: { V: { indexName: "docs" } },
        },
      },
    },
    {
      id: "site",
      outputs: { subdomain: "site-1ab.pages.dev", domains: ["www.example.com"] },
      claims: [`pages:${ACCOUNT}/site`, "host:site-1ab.pages.dev", "host:www.example.com"],
      references: [
        `analyticsEngineDatasets.A.dataset analytics:${ACCOUNT}/events`,
        `d1Databases.DB.id id:${UUID}`,
        `durableObjectNamespaces.DO.namespaceId id:${HEX}`,
        `hyperdriveBindings.HD.id id:${HEX}`,
        `kvNamespaces.KV.namespaceId id:${HEX}`,
        `mtlsCertificates.TLS.certificateId id:${UUID}`,
        `queueProducers.Q.name queue-name:${ACCOUNT}/jobs`,
        `r2Buckets.R2.name r2:${ACCOUNT}/eu/files`,
        `services.S.service worker:${ACCOUNT}/api`,
        `vectorizeBindings.V.indexName vectorize:${ACCOUNT}/docs`,
      ].map((reference) => `binding deploymentConfigs.preview.${reference}`),
    },
  ),
  inAccount(
    "pipeline",
    { name: "events", sql: "INSERT INTO a SELECT * FROM b" },
    {
      id: HEX,
      claims: [`id:${HEX}`, `pipeline:${ACCOUNT}/events`],
      references: [],
    },
  ),
  inAccount(
    "pipelineSink",
    { type: "r2", config: { accountId: OTHER_ACCOUNT, bucket: "lake", jurisdiction: "eu" } },
    {
      id: HEX,
      claims: [`id:${HEX}`],
      references: [
        `account config.accountId account:cloudflare/${OTHER_ACCOUNT}`,
        `name config.bucket r2:${OTHER_ACCOUNT}/eu/lake`,
      ],
    },
  ),
  inAccount(
    "queue",
    { queueName: "jobs" },
    {
      id: HEX,
      outputs: { queueId: HEX },
      claims: [`id:${HEX}`, `queue-name:${ACCOUNT}/jobs`],
      references: [],
    },
  ),
  inAccount(
    "queueConsumer",
    { queueId: ZONE, scriptName: "api", deadLetterQueue: "dead" },
    {
      id: HEX,
      claims: [`id:${HEX}`],
      references: [
        `id queueId id:${ZONE}`,
        `name scriptName worker:${ACCOUNT}/api`,
        `name deadLetterQueue queue-name:${ACCOUNT}/dead`,
      ],
    },
  ),
  inAccount(
    "r2Bucket",
    { name: "Files", jurisdiction: "default" },
    {
      id: "files",
      claims: [`r2:${ACCOUNT}/files`],
      references: [],
    },
  ),
  ...["r2BucketCors", "r2BucketLifecycle", "r2BucketLock", "r2DataCatalog"].map(bucketSettings),
  inAccount(
    "r2BucketEventNotification",
    { bucketName: "files", jurisdiction: "eu", queueId: HEX },
    {
      id: HEX,
      claims: [],
      references: [`name bucketName r2:${ACCOUNT}/eu/files`, `id queueId id:${HEX}`],
    },
  ),
  inAccount(
    "r2BucketSippy",
    { bucketName: "files", source: { cloudProvider: "aws", bucket: "Old" } },
    {
      id: "files",
      claims: [],
      references: [`name bucketName r2:${ACCOUNT}/files`, "name source.bucket s3:old"],
    },
  ),
  inAccount(
    "r2CustomDomain",
    { bucketName: "files", domain: "cdn.example.com", zoneId: ZONE },
    {
      id: "cdn.example.com",
      claims: ["host:cdn.example.com"],
      references: [`id zoneId zone:${ZONE}`, `name bucketName r2:${ACCOUNT}/files`],
    },
  ),
  inAccount(
    "r2ManagedDomain",
    { bucketName: "files", enabled: true },
    {
      id: "files",
      outputs: { domain: `pub-${HEX}.r2.dev` },
      claims: [`host:pub-${HEX}.r2.dev`],
      references: [`name bucketName r2:${ACCOUNT}/files`],
    },
  ),
  inZone(
    "ruleset",
    { rules: [{ actionParameters: { id: "efb7b8c949ac4650a09736fc376e9aee" } }] },
    {
      id: HEX,
      claims: [`id:${HEX}`],
      references: [],
    },
  ),
  inAccount(
    "secretsStore",
    { name: "store" },
    { id: "Store-1", claims: ["id:store-1"], references: [] },
  ),
  inAccount(
    "secretsStoreSecret",
    { storeId: HEX, name: "KEY", value: new Secret(UUID) },
    {
      id: UUID,
      claims: [`secret-store:${HEX}/KEY`],
      references: [`id storeId id:${HEX}`],
    },
  ),
  inAccount(
    "worker",
    { name: "api" },
    {
      id: HEX,
      claims: [`id:${HEX}`, `worker:${ACCOUNT}/api`],
      references: [],
    },
  ),
  inAccount(
    "workerVersion",
    { workerId: ZONE, bindings },
    {
      id: OTHER_UUID,
      claims: [`id:${OTHER_UUID}`],
      references: [...bindingReferences, `id workerId id:${ZONE}`],
    },
  ),
  ...["workersScript", "workerScript"].map(workerCase),
  ...["workersCustomDomain", "workerDomain"].map(workerDomain),
  ...["workersCronTrigger", "workerCronTrigger", "workersScriptSubdomain", "workersDeployment"].map(
    workerSettings,
  ),
  ...["workersForPlatformsDispatchNamespace", "workersForPlatformsNamespace"].map(namespace),
  inAccount(
    "workersKv",
    { namespaceId: HEX, keyName: "greeting", value: "hello" },
    {
      id: "greeting",
      claims: [],
      references: [`id namespaceId id:${HEX}`],
    },
  ),
  inAccount(
    "workersKvNamespace",
    { title: "cache" },
    {
      id: "Cache-1",
      claims: ["id:cache-1"],
      references: [],
    },
  ),
  inZone(
    "workersRoute",
    { pattern: "API.example.com/v1/*", script: "api" },
    {
      id: HEX,
      claims: ["route:api.example.com/v1/*", "host:api.example.com"],
      references: [],
    },
  ),
  inAccount(
    "workersRoute",
    { zoneId: ZONE, pattern: "*.example.com/*", script: "api" },
    {
      id: HEX,
      claims: ["route:*.example.com/*"],
      references: [`id zoneId zone:${ZONE}`, `name script worker:${ACCOUNT}/api`],
    },
  ),
  inAccount(
    "workflow",
    { workflowName: "order", scriptName: "flows", className: "Order" },
    {
      id: "order",
      claims: [`workflow:${ACCOUNT}/order`],
      references: [`name scriptName worker:${ACCOUNT}/flows`],
    },
  ),
  {
    type: cf("zone"),
    id: ZONE.toUpperCase(),
    inputs: { account: { id: ACCOUNT }, name: "example.com" },
    claims: [`zone:${ZONE}`],
    references: [`account account.id account:cloudflare/${ACCOUNT}`],
  },
];

describeTable("@pulumi/cloudflare", CLOUDFLARE, CASES);

describe("bindings of Workers", () => {
  it("are told for every type that the package knows", () => {
    const types = new URL(
      "../../../node_modules/@pulumi/cloudflare/types/input.d.ts",
      import.meta.url,
    );
    const text = readFileSync(types, "utf8");
    const documented =
      /interface WorkersScriptBinding \{.*?kind of resource.*?Available values: ([^\n]*)\./s.exec(
        text,
      );
    const known = documented?.[1]?.matchAll(/"([^"]+)"/g) ?? [];
    // The package's documentation shows its underscores as asterisks.
    const names = [...known].map(([, name = ""]) => name.replaceAll("*", "_"));
    expect(names.length).toBeGreaterThan(20);
    expect(Object.keys(BINDINGS).sort()).toEqual(names.sort());
  });

  const worker = (binding: FactMap): string[] =>
    referencesOf(
      resource({ type: cf("workersScript"), inputs: { accountId: ACCOUNT, bindings: [binding] } }),
    ).slice(1);

  it("name other things once another database, bucket or account stands in them", () => {
    expect(worker({ name: "DB", type: "d1", databaseId: OTHER_UUID })).toEqual([
      `binding bindings[0].databaseId id:${OTHER_UUID}`,
    ]);
    expect(worker({ name: "DB", type: "d1", databaseId: new Secret(UUID) })).toEqual([
      `binding bindings[0].databaseId id:${UUID}`,
    ]);
    expect(worker({ name: "B", type: "r2_bucket", bucketName: "other" })).toEqual([
      `binding bindings[0].bucketName r2:${ACCOUNT}/other`,
    ]);
  });

  it("name nothing by properties of other types", () => {
    expect(worker({ name: "AI", type: "ai", namespace: "live" })).toEqual([]);
    expect(worker({ name: "S", type: "service", service: "" })).toEqual([]);
    expect(worker({ name: "Q", type: "inherit", queueName: "jobs" })).toEqual([]);
  });

  it("of plain texts and JSON are read as texts, with the variable's name", () => {
    expect(
      worker({ name: "API_URL", type: "plain_text", text: "https://api.example.com/v1" }),
    ).toEqual(["url bindings[0].text host:api.example.com"]);
    expect(worker({ name: "PGHOST", type: "plain_text", text: "db.example.com" })).toEqual([
      "name bindings[0].text server:db.example.com",
    ]);
    expect(
      worker({ name: "CLOUDFLARE_ACCOUNT_ID", type: "plain_text", text: OTHER_ACCOUNT }),
    ).toEqual([`account bindings[0].text account:cloudflare/${OTHER_ACCOUNT}`]);
    expect(worker({ name: "C", type: "json", json: `{"kv":{"namespaceId":"${HEX}"}}` })).toEqual([
      `id bindings[0].json id:${HEX}`,
    ]);
    expect(worker({ name: "ENVIRONMENT", type: "plain_text", text: "staging" })).toEqual([]);
  });

  it("of secrets tell where they lead, never what they are", () => {
    const text = new Secret(`postgres://u:${HEX}@db.example.com/x`);
    expect(worker({ name: "DATABASE_URL", type: "secret_text", text })).toEqual([
      "url bindings[0].text server:db.example.com",
    ]);
    expect(worker({ name: "SEED", type: "secret_text", text: new Secret(UUID) })).toEqual([]);
  });

  it("that are not known yet are said to be so", () => {
    const inputs = {
      accountId: ACCOUNT,
      bindings: [
        { name: "DB", type: "d1", databaseId: UNKNOWN },
        { name: "KEY", type: "secret_text", text: new Secret(UNKNOWN) },
      ],
    };
    expect(extract(resource({ type: cf("workersScript"), inputs })).unknown).toEqual([
      "bindings[0].databaseId",
      "bindings[1].text",
    ]);
    const all = { accountId: ACCOUNT, bindings: UNKNOWN };
    expect(extract(resource({ type: cf("workersScript"), inputs: all })).unknown).toEqual([
      "bindings",
    ]);
  });
});

describe("what has its name within an account", () => {
  it.each(["r2Bucket", "workersScript", "queue"])("is another %s in another account", (name) => {
    const inputs = { name: "x", scriptName: "x", queueName: "x" };
    const [one] = claimsOf(resource({ type: cf(name), inputs: { ...inputs, accountId: ACCOUNT } }));
    const [other] = claimsOf(
      resource({ type: cf(name), inputs: { ...inputs, accountId: OTHER_ACCOUNT } }),
    );
    expect(one).toContain(ACCOUNT);
    expect(other).toContain(OTHER_ACCOUNT);
  });

  it("is not told while the account is not known", () => {
    const inputs = { accountId: UNKNOWN, name: "files" };
    expect(extract(resource({ type: cf("r2Bucket"), inputs }))).toEqual({
      claims: [],
      references: [],
      unknown: ["accountId"],
    });
  });

  it("is another bucket in another jurisdiction", () => {
    const bucket = (jurisdiction: string): string[] =>
      claimsOf(
        resource({
          type: cf("r2Bucket"),
          inputs: { accountId: ACCOUNT, name: "files", jurisdiction },
        }),
      );
    expect(bucket("eu")).toEqual([`r2:${ACCOUNT}/eu/files`]);
    expect(bucket("default")).toEqual([`r2:${ACCOUNT}/files`]);
  });
});

describe("records of Cloudflare's DNS", () => {
  const claims = (inputs: FactMap): string[] =>
    claimsOf(resource({ type: cf("dnsRecord"), id: HEX, inputs: { zoneId: ZONE, ...inputs } }));

  it("claim a host where they lead to one", () => {
    expect(claims({ name: "api.example.com", type: "A", content: "192.0.2.1" })).toContain(
      "host:api.example.com",
    );
    expect(claims({ name: "api.example.com", type: "TXT", content: "v=1" })).toEqual([`id:${HEX}`]);
  });

  it("claim a name within the zone where it is not written out", () => {
    expect(claims({ name: "API", type: "A", content: "192.0.2.1" })).toContain(
      `dns-name:${ZONE}/api`,
    );
    expect(claims({ name: "*.example.com", type: "A", content: "192.0.2.1" })).toContain(
      `dns-name:${ZONE}/*.example.com`,
    );
  });

  it("refer to what they lead to, and to nothing by other texts", () => {
    const inputs = { zoneId: ZONE, name: "example.com", type: "TXT", content: "mail.example.net" };
    expect(referencesOf(resource({ type: cf("dnsRecord"), inputs }))).toEqual([
      `id zoneId zone:${ZONE}`,
    ]);
  });
});

describe("a property", () => {
  it("is read from the outputs where no input gives it", () => {
    const facts = {
      type: cf("r2Bucket"),
      inputs: { accountId: ACCOUNT, name: null },
      outputs: { name: "files-1ab" },
    };
    expect(claimsOf(resource(facts))).toEqual([`r2:${ACCOUNT}/files-1ab`]);
  });

  it("is read together with the port beside it, which tells servers of one machine apart", () => {
    const origin = { host: "localhost", port: 5433, scheme: "postgres" };
    const inputs = { accountId: ACCOUNT, origin };
    expect(referencesOf(resource({ type: cf("hyperdriveConfig"), inputs }))).toContain(
      "name origin.host server:loopback:5433",
    );
    const usual = { accountId: ACCOUNT, origin: { host: "localhost", scheme: "postgres" } };
    expect(referencesOf(resource({ type: cf("hyperdriveConfig"), inputs: usual }))).toContain(
      "name origin.host server:loopback:5432",
    );
  });
});

describe("what a type's properties do not name", () => {
  it("is another vendor's bucket by its bare name", () => {
    const inputs = {
      accountId: ACCOUNT,
      bucketName: "files",
      source: { cloudProvider: "azure", bucket: "b" },
    };
    expect(referencesOf(resource({ type: cf("r2BucketSippy"), inputs }))).not.toContain(
      "name source.bucket s3:b",
    );
    const gcs = { ...inputs, source: { cloudProvider: "gcs", bucket: "b" } };
    expect(referencesOf(resource({ type: cf("r2BucketSippy"), inputs: gcs }))).toContain(
      "name source.bucket gcs:b",
    );
  });

  it("is a website by the name of a bucket", () => {
    const inputs = { accountId: ACCOUNT, type: "web-crawler", source: "docs.example.com" };
    expect(referencesOf(resource({ type: cf("aiSearchInstance"), inputs }))).toEqual([
      `account accountId account:cloudflare/${ACCOUNT}`,
    ]);
  });
});
