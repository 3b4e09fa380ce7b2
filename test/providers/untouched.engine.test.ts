import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, test } from "vitest";
import { cloudflareProvider } from "../../local/providers/cloudflare/provider.ts";
import { digitalOceanProvider } from "../../local/providers/digitalocean/provider.ts";
import { startTestCloud, type TestCloud } from "../support/local-cloud.ts";
import { openScratchProject, type ScratchProject } from "./scratch-project.ts";
import { expectRefreshFindsNothing } from "./untouched.ts";

let cloud: TestCloud;
let project: ScratchProject;

beforeAll(async () => {
  cloud = await startTestCloud();
  const cloudflare = cloud.environment("dev");
  const { digitalocean } = await cloud.issueElsewhere("dev");
  project = await openScratchProject({
    CLOUDFLARE_BASE_URL: `${cloud.apiUrl}/client/v4`,
    CLOUDFLARE_API_TOKEN: cloudflare.apiToken,
    ACCOUNT: cloudflare.accountId,
    ZONE: cloudflare.zoneId,
    DOMAIN: cloudflare.domain,
    DIGITALOCEAN_API_URL: cloud.apiUrl,
    DIGITALOCEAN_TOKEN: digitalocean.apiToken,
    SPACES_ENDPOINT_URL: cloud.s3Url,
    SPACES_ACCESS_KEY_ID: digitalocean.spacesKeyId,
    SPACES_SECRET_ACCESS_KEY: digitalocean.spacesSecret,
  });
});
afterAll(async () => {
  project?.close();
  await cloud?.close();
});

/** A public key in OpenSSH's form. */
function publicKey(): string {
  const { x } = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
  const text = (value: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, value.length]), value]);
  const body = [Buffer.from("ssh-ed25519"), Buffer.from(x ?? "", "base64url")].map(text);
  return `ssh-ed25519 ${Buffer.concat(body).toString("base64")} test@localhost`;
}
const PUBLIC_KEY = JSON.stringify(publicKey());

interface Changes {
  /** The parts of what can be changed in place; another text each time changes each of them. */
  readonly text?: string;
  readonly number?: number;
}

/** Every resource of Cloudflare's plugin, as few settings as possible beside those that change. */
const cloudflareProgram = ({ text = "one", number = 1 }: Changes) => `
const accountId = process.env.ACCOUNT ?? "";
const zoneId = process.env.ZONE ?? "";
const domain = process.env.DOMAIN ?? "";
const db = new cloudflare.D1Database("db", { accountId, name: "orders", readReplication: { mode: "disabled" } });
const files = new cloudflare.R2Bucket("files", { accountId, name: "files", location: "ENAM" });
const inFiles = { accountId, bucketName: files.name };
new cloudflare.R2BucketCors("files", { ...inFiles, rules: [{ allowed: { methods: ["GET"], origins: ["https://${text}.example.com"] } }] });
new cloudflare.R2BucketLifecycle("files", { ...inFiles, rules: [{ id: "old", enabled: true, conditions: { prefix: "" }, deleteObjectsTransition: { condition: { type: "Age", maxAge: 86400 * ${number} } } }] });
new cloudflare.R2ManagedDomain("files", { ...inFiles, enabled: false });
const cache = new cloudflare.WorkersKvNamespace("cache", { accountId, title: "cache-${text}" });
const ca = new cloudflare.MtlsCertificate("ca", { accountId, name: "ca", ca: true, certificates: digitalocean.getDatabaseCaOutput({ clusterId: pg.id }).certificate });
const hyperdrive = new cloudflare.HyperdriveConfig("shop", {
  accountId, name: "shop",
  origin: { scheme: "postgres", host: pg.host, port: pg.port, database: database.name, user: login.name, password: login.password },
  mtls: { caCertificateId: ca.id, sslmode: "verify-ca" },
  caching: { maxAge: 60 * ${number} },
}, { dependsOn: settings }); // Which may restart the server.
const script = new cloudflare.WorkersScript("api", {
  accountId, scriptName: "api", mainModule: "index.js", compatibilityDate: "2025-06-01",
  content: "export default { fetch() { return new Response('${text}') } }",
  bindings: [
    { type: "d1", name: "DB", id: db.id },
    { type: "kv_namespace", name: "CACHE", namespaceId: cache.id },
    { type: "r2_bucket", name: "FILES", bucketName: files.name },
    { type: "hyperdrive", name: "SHOP", id: hyperdrive.id },
    { type: "plain_text", name: "MODE", text: "${text}" },
    { type: "json", name: "LIMITS", json: JSON.stringify({ max: ${number} }) },
    { type: "secret_text", name: "KEY", text: pulumi.secret("secret-${text}") },
  ],
});
new cloudflare.WorkersScript("settings", {
  accountId, scriptName: "settings", mainModule: "index.js", compatibilityDate: "2025-06-01",
  compatibilityFlags: ["nodejs_compat"], logpush: true, limits: { cpuMs: 50 }, placement: { mode: "smart" },
  observability: { enabled: true }, tailConsumers: [{ service: script.scriptName }],
  annotations: { workersMessage: "release ${text}" },
  content: "export default { fetch() { return new Response('${text}') }, scheduled() {} }",
});
const ofScript = { accountId, scriptName: script.scriptName };
new cloudflare.WorkersScriptSubdomain("api", { ...ofScript, enabled: ${number === 1} });
new cloudflare.WorkersCronTrigger("api", { ...ofScript, schedules: [{ cron: "${number} * * * *" }] });
new cloudflare.WorkersCustomDomain("api", { accountId, zoneId, hostname: \`api.\${domain}\`, service: script.scriptName });
new cloudflare.WorkersRoute("api", { zoneId, pattern: \`\${domain}/${text}/*\`, script: script.scriptName });
`;

/** Every resource of DigitalOcean's plugin. */
const digitalOceanProgram = ({ text = "one", number = 1 }: Changes) => `
const region = "fra1";
const vpc = new digitalocean.Vpc("vpc", { name: "main", region, description: "${text}" });
const tag = new digitalocean.Tag("tag", { name: "role-web" });
const key = new digitalocean.SshKey("key", { name: "operator-${text}", publicKey: ${PUBLIC_KEY} });
const volume = new digitalocean.Volume("data", { region, size: 10 * ${number}, initialFilesystemType: "ext4" });
const own = new digitalocean.Volume("own", { region, size: 10, tags: ["${text}"] });
const web = new digitalocean.Droplet("web", {
  image: "debian-13-x64", size: "s-1vcpu-1gb", region, vpcUuid: vpc.id, name: "web-${text}",
  sshKeys: [key.fingerprint], tags: [tag.name], monitoring: true, volumeIds: [own.id],
});
const dropletId = web.id.apply(Number);
const other = new digitalocean.Droplet("other", { image: "debian-13-x64", size: "s-1vcpu-1gb", region, vpcUuid: vpc.id });
new digitalocean.VolumeAttachment("data", { dropletId: other.id.apply(Number), volumeId: volume.id });
new digitalocean.Firewall("wall", {
  name: "wall", dropletIds: [dropletId],
  inboundRules: [{ protocol: "tcp", portRange: "${number}", sourceAddresses: ["10.0.0.0/8", "192.168.1.1"] }, { protocol: "icmp", sourceAddresses: ["0.0.0.0/0"] }],
  outboundRules: [{ protocol: "tcp", portRange: "all", destinationAddresses: ["0.0.0.0/0"] }],
});
const ip = new digitalocean.ReservedIp("ip", { region });
new digitalocean.ReservedIpAssignment("ip", { dropletId, ipAddress: ip.ipAddress });
new digitalocean.ReservedIp("held", { region, dropletId: other.id.apply(Number) });
const group = new digitalocean.Project("group", { name: "group", description: "${text}" });
new digitalocean.ProjectResources("group", { project: group.id, resources: [web.dropletUrn, volume.volumeUrn] });
const bucket = new digitalocean.SpacesBucket("files", { region, versioning: { enabled: ${number === 1} }, lifecycleRules: [{ enabled: true, expiration: { days: ${number} } }] });
const inBucket = { bucket: bucket.name, region };
new digitalocean.SpacesBucketCorsConfiguration("files", { ...inBucket, corsRules: [{ allowedMethods: ["GET"], allowedOrigins: ["https://${text}.example.com"] }] });
new digitalocean.SpacesBucketPolicy("files", { ...inBucket, policy: bucket.name.apply((name) => JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Sid: "${text}", Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: \`arn:aws:s3:::\${name}/public/*\` }],
})) });
new digitalocean.SpacesKey("files", { name: "files-${text}", grants: [{ bucket: bucket.name, permission: "readwrite" }] });
const pg = new digitalocean.DatabaseCluster("primary", {
  name: "primary", engine: "pg", version: "17", size: "db-s-1vcpu-1gb", nodeCount: 1, region,
  tags: ["env:${text}"], maintenanceWindows: [{ day: "sunday", hour: "04:00" }],
});
const clusterId = pg.id;
const database = new digitalocean.DatabaseDb("shop", { clusterId, name: "shop" });
const login = new digitalocean.DatabaseUser("app", { clusterId, name: "app" });
new digitalocean.DatabaseConnectionPool("pool", { clusterId, name: "shop_pool", dbName: database.name, mode: "transaction", size: 5, user: login.name });
const settings = new digitalocean.DatabasePostgresqlConfig("settings", { clusterId, workMem: 8 * ${number} });
new digitalocean.DatabaseFirewall("sources", { clusterId, rules: [{ type: "ip_addr", value: "127.0.0.0/8" }, ${number > 1 ? '{ type: "ip_addr", value: "10.0.0.0/8" }' : ""}] });
const valkey = new digitalocean.DatabaseCluster("cache", {
  name: "cache", engine: "valkey", version: "8", size: "db-s-1vcpu-1gb", nodeCount: 1, region, evictionPolicy: "allkeys_lru",
});
new digitalocean.DatabaseValkeyConfig("cache", { clusterId: valkey.id, timeout: 300 * ${number} });
`;

/** Imports would load all of the packages; their parts load when they are used. */
const program = (changes: Changes = {}) => `
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const cloudflare = require("@pulumi/cloudflare");
const digitalocean = require("@pulumi/digitalocean");
${digitalOceanProgram(changes)}
${cloudflareProgram(changes)}
`;

const PROVIDERS = [cloudflareProvider("0.0.0"), digitalOceanProvider("0.0.0")];

test.each<[string, Changes]>([
  ["creation", {}],
  ["change", { text: "two", number: 2 }],
])("a refresh after every resource's %s finds nothing", async (_, changes) => {
  project.program(program(changes));
  await expectRefreshFindsNothing(project, PROVIDERS);
});
