import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PROBES } from "../../../drift/probes/index.ts";
import { PartlyUnknown, type Probe, type ProbeInput } from "../../../drift/probes/probe.ts";
import { credentialsOf } from "../../support/data-clients.ts";
import { openTestEstate, type TestEstate } from "../../support/estate.ts";
import { DRIFTS, NEAR_MISSES } from "./drifts.ts";
import { probeInput, told } from "./probing.ts";
import { type World, worldOf } from "./world.ts";

/* Probes on an estate with every vendor, against which things are done behind Pulumi's back. */

const STACK = "staging";
const OWN = [...new Set(DRIFTS.map(({ probe }) => probe))];

let estate: TestEstate;
let world: World;
let input: ProbeInput;

beforeAll(async () => {
  estate = openTestEstate(undefined, ["qhub", "cutty", "agentverse", "instainstru", "handled"]);
  const up = await estate.bulkhead("up", STACK, "--yes");
  expect(up.exitCode, up.output).toBe(0);
  input = await probeInput(estate, STACK);
  world = await worldOf(estate, STACK, input);
}, 900_000);
afterAll(() => estate.close());

const probeOf = (name: string): Probe => {
  const probe = PROBES.find((each) => each.name === name);
  if (probe === undefined) throw new Error(`There is no probe ${name}.`);
  return probe;
};

test.for(OWN)("%s finds nothing in what was just deployed", async (name) => {
  expect(await told(probeOf(name), input)).toEqual([]);
});

describe("what looks like a drift and is none", () => {
  beforeAll(async () => {
    for (const { make } of NEAR_MISSES) await make(world);
  }, 120_000);

  test.for([...new Set(NEAR_MISSES.map(({ probe }) => probe))])(
    "is no finding of %s",
    async (name) => {
      expect(await told(probeOf(name), input)).toEqual([]);
    },
  );
});

describe("keys and tokens that a stack holds", () => {
  /** The stack with one resource more, or with another in the place of one. */
  function holding(type: string, name: string, outputs: Record<string, string>): ProbeInput {
    const urn = `urn:pulumi:${STACK}::bulkhead::${type}::${name}`;
    const more = { urn, type, inputs: {}, outputs };
    const fact = {
      ...more,
      name,
      id: outputs.id ?? name,
      custom: true,
      external: false,
      protect: false,
    };
    const recorded = { ...input.recorded, resources: [...input.recorded.resources, fact] };
    return {
      ...input,
      recorded,
      live: recorded,
      secrets: async () => [...(await input.secrets()), more] as never,
    };
  }

  const apiToken = () => credentialsOf(estate, STACK).apiToken;

  test.for([
    ["cloudflare:index/apiToken:ApiToken", "the user's"],
    ["cloudflare:index/accountToken:AccountToken", "the account's"],
  ])("an API token that works is no finding, and one that does not is: %s", async ([type = ""]) => {
    const { accountId } = world;
    const good = holding(type, "mine", { accountId, value: apiToken() });
    expect(await told(probeOf("logins"), good)).toEqual([]);
    const bad = holding(type, "mine", { accountId, value: `${apiToken()}x` });
    expect(await told(probeOf("logins"), bad)).toEqual([
      expect.stringMatching(/^secret mine: The API token mine is refused/),
    ]);
  });

  test("an access key of AWS that works is no finding, and one that does not is", async () => {
    const { accessKeyId: id, secretAccessKey: secret } = credentialsOf(estate, STACK).aws;
    const type = "aws:iam/accessKey:AccessKey";
    expect(await told(probeOf("logins"), holding(type, "deployer", { id, secret }))).toEqual([]);
    const other = holding(type, "deployer", { id, secret: `${secret}x` });
    expect(await told(probeOf("logins"), other)).toEqual([
      expect.stringMatching(/^secret deployer: The vendor refuses the key deployer/),
    ]);
  });

  test("a key of Spaces whose secret is another is a finding", async () => {
    const { outputs, id = "" } = world.resource("SpacesKey", "agentverse-reps");
    const { accessKey, grants } = outputs;
    const type = "digitalocean:index/spacesKey:SpacesKey";
    const other = holding(type, "copy", {
      id,
      accessKey: accessKey as string,
      secretKey: "another",
      grants: grants as never,
    });
    expect(await told(probeOf("logins"), other)).toEqual([
      expect.stringMatching(/^secret copy: The vendor refuses the key copy/),
    ]);
  });
});

test("a firewall of another's that takes the machine by its tag is found", async () => {
  const { digitalocean } = world;
  await digitalocean.post("/firewalls", {
    name: "by-tag",
    tags: ["web"],
    inbound_rules: [{ protocol: "tcp", ports: "22", sources: { addresses: ["::/0"] } }],
  });
  expect(await told(probeOf("firewalls"), input)).toEqual([]);
  const resources = input.live.resources.map((each) =>
    each.type.endsWith(":Droplet")
      ? { ...each, outputs: { ...each.outputs, tags: ["web"] } }
      : each,
  );
  const tagged = { ...input, live: { ...input.live, resources } };
  expect(await told(probeOf("firewalls"), tagged)).toEqual([
    expect.stringMatching(/The firewall by-tag stands before .*, by the tag web, lets in tcp 22/),
  ]);
});

describe("what is done behind Pulumi's back is found", () => {
  test.for(DRIFTS)("$title ($probe)", { timeout: 60_000 }, async (drift) => {
    const { make, kind, of, says } = drift;
    await make(world);
    // Vendors change passwords after they have answered.
    await expect
      .poll(() => found(drift.probe), { timeout: 30_000 })
      .toContainEqual({ kind, name: of, message: expect.stringMatching(says) });
  });

  test("and no secret is in any finding", async () => {
    const all = (await Promise.all(OWN.map(found))).flat();
    const passwords = /another-password|PASSWORD '/;
    expect(JSON.stringify(all)).not.toMatch(passwords);
  });
});

/** What a probe says, also where it could not look at everything. */
async function found(name: string) {
  const differences = await probeOf(name)
    .run(input)
    .catch((error: unknown) => {
      if (error instanceof PartlyUnknown) return error.differences;
      throw error;
    });
  return differences.map(({ kind, subject, message }) => ({ kind, name: subject.name, message }));
}

test("a server that does not answer is no finding, and keeps no other from being looked at", async () => {
  const away = (each: { type: string; inputs: object }) =>
    each.type === "bulkhead:postgres:Database"
      ? {
          ...each,
          inputs: { ...each.inputs, server: { ...serverOf(each), host: "127.0.0.1", port: 1 } },
        }
      : each;
  const secrets = async () => (await input.secrets()).map(away) as never;
  const run = probeOf("postgres-access").run({ ...input, secrets });
  await expect(run).rejects.toThrow(/127\.0\.0\.1:1 does not answer/);
});

const serverOf = ({ inputs }: { inputs: object }): object =>
  (inputs as { server: { value?: object } }).server.value ?? (inputs as { server: object }).server;
