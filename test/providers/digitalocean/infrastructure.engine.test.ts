import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Answer,
  startDigitalOcean,
  type TestDigitalOcean,
  type TestTeam,
} from "../../support/digitalocean.ts";
import { type LossyProxy, startLossyProxy } from "../lossy-proxy.ts";
import { openScratchProject, type ScratchProject } from "../scratch-project.ts";

let vendor: TestDigitalOcean;
let team: TestTeam;
let proxy: LossyProxy;
let project: ScratchProject;

beforeAll(async () => {
  vendor = await startDigitalOcean();
  team = vendor.team("dev");
  // The first VPC of a region stays its default one, which cannot be deleted.
  await team.call("POST", "/v2/vpcs", { name: "default-fra1", region: "fra1" });
  proxy = await startLossyProxy(vendor.origin);
  project = await openScratchProject({
    DIGITALOCEAN_API_URL: proxy.url,
    DIGITALOCEAN_TOKEN: team.apiToken,
  });
});
afterAll(async () => {
  project?.close();
  await proxy?.close();
  await vendor?.close();
});

const HEAD = `
import { Droplet } from "@pulumi/digitalocean/droplet.js";
import { Firewall } from "@pulumi/digitalocean/firewall.js";
import { getVpcOutput } from "@pulumi/digitalocean/getVpc.js";
import { Project } from "@pulumi/digitalocean/project.js";
import { ProjectResources } from "@pulumi/digitalocean/projectResources.js";
import { ReservedIp } from "@pulumi/digitalocean/reservedIp.js";
import { ReservedIpAssignment } from "@pulumi/digitalocean/reservedIpAssignment.js";
import { SpacesKey } from "@pulumi/digitalocean/spacesKey.js";
import { SshKey } from "@pulumi/digitalocean/sshKey.js";
import { Tag } from "@pulumi/digitalocean/tag.js";
import { Volume } from "@pulumi/digitalocean/volume.js";
import { VolumeAttachment } from "@pulumi/digitalocean/volumeAttachment.js";
import { Vpc } from "@pulumi/digitalocean/vpc.js";
`;

/** A public key in OpenSSH's form. */
function publicKey(): string {
  const { x } = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
  const text = (value: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, value.length]), value]);
  const body = [Buffer.from("ssh-ed25519"), Buffer.from(x ?? "", "base64url")].map(text);
  return `ssh-ed25519 ${Buffer.concat(body).toString("base64")} test@localhost`;
}

const PUBLIC_KEY = publicKey();

interface Changes {
  readonly size?: string;
  readonly volumeSize?: number;
  readonly image?: string;
  readonly port?: string;
  readonly vpc?: string;
}

const stack = ({
  size = "s-1vcpu-1gb",
  volumeSize = 10,
  image = "debian-13-x64",
  port = "22",
  vpc = "main",
}: Changes = {}) => `${HEAD}
const vpc = new Vpc("vpc", { name: "${vpc}", region: "fra1", description: "of the test" });
const tag = new Tag("tag", { name: "role-web" });
const key = new SshKey("key", { name: "operator", publicKey: ${JSON.stringify(PUBLIC_KEY)} });
const volume = new Volume("data", { region: "fra1", size: ${volumeSize}, initialFilesystemType: "ext4" });
const web = new Droplet("web", {
  image: "${image}", size: "${size}", region: "fra1", vpcUuid: vpc.id, name: "web",
  sshKeys: [key.fingerprint], tags: [tag.name], monitoring: true,
});
const dropletId = web.id.apply(Number);
new VolumeAttachment("data", { dropletId, volumeId: volume.id });
new Firewall("wall", {
  name: "wall", dropletIds: [dropletId],
  inboundRules: [
    { protocol: "tcp", portRange: "${port}", sourceAddresses: ["10.0.0.0/8", "192.168.1.1"] },
    { protocol: "icmp", sourceAddresses: ["0.0.0.0/0"] },
  ],
  outboundRules: [{ protocol: "tcp", portRange: "all", destinationAddresses: ["0.0.0.0/0"] }],
});
const ip = new ReservedIp("ip", { region: "fra1" });
new ReservedIpAssignment("ip", { dropletId, ipAddress: ip.ipAddress });
const group = new Project("group", { name: "group", environment: "Development", purpose: "Service or API" });
new ProjectResources("group", { project: group.id, resources: [web.dropletUrn, volume.volumeUrn] });
const spaces = new SpacesKey("spaces", { grants: [{ bucket: "", permission: "fullaccess" }] });
export const id = web.id;
export const address = web.ipv4Address;
export const volumeName = volume.name;
export const accessKey = spaces.accessKey;
export const secretKey = spaces.secretKey;
export const vpcRange = getVpcOutput({ id: vpc.id }).ipRange;
`;

const OK = { exitCode: 0 };
const up = () => project.pulumi("up", "--yes", "--skip-preview");
const list = async <K extends keyof Answer["body"]>(path: string, key: K) =>
  (await team.call("GET", `/v2/${path}`)).body[key];

test("a stack of machines comes up, and a following preview and refresh change nothing", async () => {
  project.program(stack());
  expect(await up()).toMatchObject(OK);
  const outputs = await project.outputs();
  expect(outputs.address).toMatch(/^127\./);
  expect(outputs.volumeName).toMatch(/^data-[0-9a-f]{7}$/);
  expect(outputs.secretKey).toBe("[secret]");
  expect(outputs.vpcRange).toMatch(/^10\./);
  expect(await project.pulumi("preview", "--diff", "--expect-no-changes")).toMatchObject(OK);
  const refresh = await project.pulumi("refresh", "--yes", "--diff", "--expect-no-changes");
  expect(refresh).toMatchObject(OK);
});

test("what the vendor can change is changed in place; another image is another droplet", async () => {
  const { id } = await project.outputs();
  const changes = { size: "s-2vcpu-2gb", volumeSize: 20, port: "2222", vpc: "renamed" };
  project.program(stack(changes));
  expect((await project.pulumi("preview")).output).toContain("~ 4 to update");
  expect(await up()).toMatchObject(OK);
  const { droplet } = (await team.call("GET", `/v2/droplets/${id}`)).body;
  expect(droplet).toMatchObject({ size_slug: "s-2vcpu-2gb", status: "active" });
  expect(await list("volumes", "volumes")).toMatchObject([{ size_gigabytes: 20 }]);
  expect(await list("vpcs", "vpcs")).toMatchObject([{ name: "default-fra1" }, { name: "renamed" }]);
  project.program(stack({ ...changes, image: "debian-12-x64" }));
  const { output } = await project.pulumi("preview", "--diff");
  expect(output).toMatch(/\+-\s*digitalocean:index\/droplet:Droplet: \(replace\)/);
});

test("a volume that would shrink is refused before anything is done", async () => {
  project.program(stack({ volumeSize: 5 }));
  const { exitCode, output } = await project.pulumi("preview");
  expect(exitCode).not.toBe(0);
  expect(output).toContain('"size" is 5 GiB, and the volume has 20 GiB already');
});

test("refresh sees what was changed or deleted behind Pulumi's back, and up repairs it", async () => {
  project.program(stack({ size: "s-2vcpu-2gb", volumeSize: 20, port: "2222", vpc: "renamed" }));
  const [wall] = await list("firewalls", "firewalls");
  await team.call("POST", `/v2/firewalls/${wall?.id}/rules`, {
    inbound_rules: [{ protocol: "udp", ports: "53", sources: { addresses: ["0.0.0.0/0"] } }],
  });
  const { id, accessKey } = await project.outputs();
  await team.call("DELETE", `/v2/spaces/keys/${accessKey}`);
  await team.call("POST", `/v2/droplets/${id}/actions`, { type: "rename", name: "other" });
  const { output } = await project.pulumi("refresh", "--yes", "--diff");
  expect(output).toMatch(/~ digitalocean:index\/firewall:Firewall: \(update\)/);
  expect(output).toMatch(/- digitalocean:index\/spacesKey:SpacesKey: \(delete\)/);
  expect(output).toMatch(/~ digitalocean:index\/droplet:Droplet: \(update\)/);
  expect(await up()).toMatchObject(OK);
  expect(await list("firewalls", "firewalls")).toMatchObject([{ inbound_rules: { length: 2 } }]);
  expect(await list("droplets", "droplets")).toMatchObject([{ name: "web" }]);
  expect(await project.pulumi("preview", "--diff", "--expect-no-changes")).toMatchObject(OK);
});

test("a droplet is imported, and is then clean", async () => {
  const { body } = await team.call("POST", "/v2/droplets", {
    name: "theirs",
    size: "s-1vcpu-1gb",
    image: "debian-13-x64",
    region: "fra1",
  });
  const own = stack({ size: "s-2vcpu-2gb", volumeSize: 20, port: "2222", vpc: "renamed" });
  project.program(
    `${own}new Droplet("theirs", { name: "theirs", size: "s-1vcpu-1gb", image: "debian-13-x64", region: "fra1", vpcUuid: "${body.droplet.vpc_uuid}" });`,
  );
  const type = "digitalocean:index/droplet:Droplet";
  const flags = ["--yes", "--protect=false", "--generate-code=false"];
  const imported = await project.pulumi("import", type, "theirs", `${body.droplet.id}`, ...flags);
  expect(imported).toMatchObject(OK);
  expect(await project.pulumi("preview", "--diff", "--expect-no-changes")).toMatchObject(OK);
});

test("destroy leaves nothing", async () => {
  expect(await project.pulumi("destroy", "--yes")).toMatchObject(OK);
  for (const kind of ["droplets", "volumes", "firewalls", "reserved_ips", "tags"] as const)
    expect(await list(kind, kind)).toEqual([]);
  expect(await list("vpcs", "vpcs")).toMatchObject([{ name: "default-fra1" }]);
  expect(await list("account/keys", "ssh_keys")).toEqual([]);
});

test("a droplet whose creation was carried out and not answered is not made twice", async () => {
  project.program(
    `${HEAD}new Droplet("one", { name: "one", size: "s-1vcpu-1gb", image: "debian-13-x64", region: "fra1" });`,
  );
  proxy.loseAnswerTo("POST", "/v2/droplets");
  expect(await up()).toMatchObject(OK);
  expect(await list("droplets", "droplets")).toHaveLength(1);
});

test("a Spaces key whose secret was lost with the answer is made again, and once only", async () => {
  project.program(`${HEAD}const key = new SpacesKey("k", { name: "k" });
export const secretKey = key.secretKey;`);
  proxy.loseAnswerTo("POST", "/v2/spaces/keys");
  expect(await up()).toMatchObject(OK);
  const { output } = await project.pulumi("stack", "output", "secretKey", "--show-secrets");
  expect(output?.trim()).toHaveLength(40);
  const keys = await list("spaces/keys", "keys");
  expect(keys.filter(({ name }) => name === "k")).toHaveLength(1);
});

test("a reserved IP whose creation was not answered is reported and not asked for again", async () => {
  project.program(`${HEAD}new ReservedIp("ip", { region: "fra1" });`);
  proxy.loseAnswerTo("POST", "/v2/reserved_ips");
  const { exitCode, output } = await up();
  expect(exitCode).not.toBe(0);
  expect(output).toContain("Look for a new address in the control panel");
  expect(await list("reserved_ips", "reserved_ips")).toHaveLength(1);
});
