import { afterAll, beforeAll, expect, test } from "vitest";
import {
  startDigitalOcean,
  type TestDigitalOcean,
  type TestTeam,
} from "../../support/digitalocean.ts";

let api: TestDigitalOcean;
let team: TestTeam;
beforeAll(async () => {
  api = await startDigitalOcean();
  team = api.team("staging");
});
afterAll(() => api.close());

/** A public key as its file has it: kind, base64 of the length-prefixed fields, comment. */
function publicKey(seed: number): string {
  const field = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const kind = "ssh-ed25519";
  const body = Buffer.concat([field(Buffer.from(kind)), field(Buffer.alloc(32, seed))]);
  return `${kind} ${body.toString("base64")} me@example`;
}

test("the account is the team's", async () => {
  const { account } = (await team.call("GET", "/v2/account")).body;
  expect(account).toMatchObject({ uuid: team.accountId, status: "active" });
  expect(account.team).toEqual({ uuid: team.accountId, name: "staging" });
});

test("an SSH key is found by its number and its fingerprint", async () => {
  const public_key = publicKey(1);
  const created = await team.call("POST", "/v2/account/keys", { name: "laptop", public_key });
  expect(created.status).toBe(201);
  const { ssh_key } = created.body;
  expect(ssh_key).toMatchObject({ name: "laptop", public_key, id: expect.any(Number) });
  expect(ssh_key.fingerprint).toMatch(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
  for (const id of [ssh_key.id, ssh_key.fingerprint]) {
    expect((await team.call("GET", `/v2/account/keys/${id}`)).body.ssh_key).toEqual(ssh_key);
  }
  const path = `/v2/account/keys/${ssh_key.id}`;
  expect((await team.call("PUT", path, { name: "desk" })).body.ssh_key.name).toBe("desk");
  expect((await api.team("stranger").call("GET", path)).status).toBe(404);
  expect((await team.call("DELETE", path)).status).toBe(204);
  expect((await team.call("GET", path)).status).toBe(404);
});

test("the fingerprint is the one that `ssh-keygen -l -E md5` tells", async () => {
  const public_key =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkHgzrl5weTfpMwFTdpSVDwyZR6mK+QBVAakXO1ZmGI me@example";
  const { ssh_key } = (await team.call("POST", "/v2/account/keys", { name: "k", public_key })).body;
  expect(ssh_key.fingerprint).toBe("f5:fc:9e:a8:a9:d6:b0:db:e1:03:07:16:17:d7:a3:ca");
});

test("what is no public key, and a key that is there already, are refused", async () => {
  const add = (public_key: string) =>
    team.call("POST", "/v2/account/keys", { name: "key", public_key });
  expect((await add("ssh-ed25519 AAAA")).status).toBe(422);
  expect((await add("-----BEGIN PUBLIC KEY-----")).status).toBe(422);
  expect((await add(publicKey(2))).status).toBe(201);
  expect((await add(publicKey(2))).status).toBe(422);
});

test("regions, sizes and images are those that droplets are made of", async () => {
  const { regions } = (await team.call("GET", "/v2/regions")).body;
  expect(regions).toContainEqual(expect.objectContaining({ slug: "ams3", available: true }));
  const { sizes } = (await team.call("GET", "/v2/sizes")).body;
  expect(sizes).toContainEqual(
    expect.objectContaining({ slug: "s-1vcpu-1gb", memory: 1024, vcpus: 1, price_monthly: 6 }),
  );
  const { image } = (await team.call("GET", "/v2/images/debian-13-x64")).body;
  expect(image).toMatchObject({ slug: "debian-13-x64", distribution: "Debian", public: true });
  expect((await team.call("GET", `/v2/images/${image.id}`)).body.image).toEqual(image);
  expect((await team.call("GET", "/v2/images/windows-95")).status).toBe(404);
});

test("tags are made by use, found in any case, and leave what carried them when they go", async () => {
  const body = { name: "data", region: "ams3", size_gigabytes: 1, tags: ["Web"] };
  const { volume } = (await team.call("POST", "/v2/volumes", body)).body;
  const tags = () =>
    team.call("GET", `/v2/volumes/${volume.id}`).then((answer) => answer.body.volume.tags);
  expect((await team.call("GET", "/v2/tags/web")).body.tag).toMatchObject({
    name: "Web",
    resources: { count: 1, volumes: { count: 1 } },
  });
  const resources = [{ resource_id: volume.id, resource_type: "volume" }];
  expect((await team.call("POST", "/v2/tags", { name: "db" })).status).toBe(201);
  expect((await team.call("POST", "/v2/tags/db/resources", { resources })).status).toBe(204);
  expect(await tags()).toEqual(["Web", "db"]);
  expect((await team.call("DELETE", "/v2/tags/db/resources", { resources })).status).toBe(204);
  expect(await tags()).toEqual(["Web"]);
  expect((await team.call("DELETE", "/v2/tags/Web")).status).toBe(204);
  expect(await tags()).toEqual([]);
  expect((await team.call("GET", "/v2/tags/Web")).status).toBe(404);
});

test("bad tags and unknown kinds of resources are refused", async () => {
  expect((await team.call("POST", "/v2/tags", { name: "a b" })).status).toBe(422);
  await team.call("POST", "/v2/tags", { name: "good" });
  const tag = (resource_type: string) =>
    team.call("POST", "/v2/tags/good/resources", {
      resources: [{ resource_id: 1, resource_type }],
    });
  expect((await tag("image")).status).toBe(422);
  expect((await tag("droplet")).status).toBe(404);
});
