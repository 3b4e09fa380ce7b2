import { afterAll, beforeAll, expect, test } from "vitest";
import { AccessKeys } from "../../../local/access-keys.ts";
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

const create = (body: object) => team.call("POST", "/v2/spaces/keys", body);

test("a key is created with its secret, which no later answer holds", async () => {
  const grants = [{ bucket: "media", permission: "readwrite" }];
  const created = await create({ name: "media", grants });
  expect(created.status).toBe(201);
  const { secret_key, ...shown } = created.body.key;
  expect(shown).toMatchObject({ name: "media", grants });
  expect(shown.access_key).toMatch(/^DO00[A-Z2-7]{16}$/);
  const keys = new AccessKeys(api.cloud);
  const key = keys.find(shown.access_key);
  expect(key && keys.secretOf(key)).toBe(secret_key);

  const path = `/v2/spaces/keys/${shown.access_key}`;
  const answers = [
    await team.call("GET", path),
    await team.call("GET", "/v2/spaces/keys?per_page=200"),
    await team.call("PUT", path, { name: "media-2", grants: [] }),
    await team.call("PATCH", path, { grants: [{ bucket: "", permission: "fullaccess" }] }),
  ];
  for (const { status, body } of answers) {
    expect(status).toBe(200);
    expect(JSON.stringify(body)).toContain(shown.access_key);
    expect(JSON.stringify(body)).not.toContain(secret_key);
  }
  expect(answers[3]?.body.key).toMatchObject({
    name: "media-2",
    grants: [{ bucket: "", permission: "fullaccess" }],
  });
  expect((await team.call("DELETE", path)).status).toBe(204);
  expect((await team.call("GET", path)).status).toBe(404);
  expect(keys.find(shown.access_key)).toBeUndefined();
});

test.each([
  ["an unknown permission", [{ bucket: "a", permission: "admin" }]],
  ["no bucket", [{ bucket: "", permission: "read" }]],
  ["full access to one bucket", [{ bucket: "a", permission: "fullaccess" }]],
  [
    "full access and less",
    [
      { bucket: "", permission: "fullaccess" },
      { bucket: "a", permission: "read" },
    ],
  ],
  [
    "a bucket twice",
    [
      { bucket: "a", permission: "readwrite" },
      { bucket: "a", permission: "read" },
    ],
  ],
])("grants with %s are refused", async (name, grants) => {
  expect((await create({ name, grants })).status).toBe(422);
  const good = [{ bucket: "a", permission: "read" }];
  expect((await create({ name, grants: good })).status).toBe(201);
});

test("a name is used once in a team", async () => {
  expect((await create({ name: "once" })).status).toBe(201);
  expect((await create({ name: "once" })).status).toBe(409);
});

test("another team's key is as one that does not exist", async () => {
  const { access_key } = (await create({ name: "ours" })).body.key;
  const stranger = api.team("stranger");
  const path = `/v2/spaces/keys/${access_key}`;
  expect((await stranger.call("GET", path)).status).toBe(404);
  expect((await stranger.call("DELETE", path)).status).toBe(404);
  const { keys } = (await stranger.call("GET", "/v2/spaces/keys")).body;
  expect(keys).toMatchObject([{ access_key: stranger.spacesKeyId }]);
  expect((await team.call("GET", path)).status).toBe(200);
});
