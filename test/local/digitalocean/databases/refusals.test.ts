import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  startDigitalOcean,
  type TestDigitalOcean,
  type TestTeam,
} from "../../../support/digitalocean.ts";
import { POSTGRES, VALKEY } from "./clusters.ts";

/** None of these starts a server: they are refused before one is made. */
let vendor: TestDigitalOcean;
let team: TestTeam;

beforeAll(async () => {
  vendor = await startDigitalOcean();
  team = vendor.team("staging");
});
afterAll(() => vendor.close());

const refusal = async (change: object) => {
  const request = { name: "refused", ...POSTGRES, ...change };
  const { status, body } = await team.call("POST", "/v2/databases", request);
  expect(status, JSON.stringify(body)).toBe(422);
  expect(body).toMatchObject({ id: "unprocessable_entity", request_id: expect.any(String) });
  return body.message;
};

describe("a new cluster is refused in the vendor's shape", () => {
  it.each([
    ["a name that is too short", { name: "ab" }, "invalid cluster name"],
    ["a name that is too long", { name: "a".repeat(64) }, "invalid cluster name"],
    ["a name with capitals", { name: "Main" }, "invalid cluster name"],
    ["a name with an underscore", { name: "main_db" }, "invalid cluster name"],
    ["an engine that nobody has", { engine: "oracle" }, "invalid cluster engine"],
    ["an engine of the vendor's alone", { engine: "mysql" }, "does not serve the engine mysql"],
    ["redis, which the vendor has ended", { engine: "redis" }, "redis is no longer offered"],
    ["an unknown version", { version: "9" }, "invalid cluster engine version"],
    ["an unknown size", { size: "db-s-1vcpu-9gb" }, "invalid size"],
    ["an unknown region", { region: "mars1" }, 'region: "mars1"'],
    ["no node", { num_nodes: 0 }, "invalid num_nodes"],
    ["more nodes than there are", { size: "db-s-1vcpu-2gb", num_nodes: 4 }, "invalid num_nodes"],
    ["standby nodes of the smallest size", { num_nodes: 2 }, "has no standby nodes"],
    ["less storage than the plan has", { storage_size_mib: 1024 }, "invalid storage_size_mib"],
    ["more storage than the plan takes", { storage_size_mib: 90_000 }, "invalid storage_size_mib"],
    ["storage of a cluster in memory", { ...VALKEY, storage_size_mib: 20_480 }, "not supported"],
    ["a VPC that is not the team's", { private_network_uuid: "nowhere" }, "private_network_uuid"],
    ["a tag that is none", { tags: ["two words"] }, "tags"],
    ["a rule without meaning", { rules: [{ type: "ip_addr", value: "here" }] }, "rules.value"],
    ["a copy of nothing", { backup_restore: { database_name: "gone" } }, "database_name"],
    ["an unknown field", { colour: "red" }, "colour"],
    ["a field of the wrong kind", { num_nodes: "one" }, "num_nodes"],
  ])("%s", async (_what, change, message) => {
    expect(await refusal(change)).toContain(message);
  });

  it("and nothing of it stays", async () => {
    expect((await team.call("GET", "/v2/databases")).body).toEqual({ databases: [] });
  });
});

describe("options", () => {
  it("offer exactly what a cluster can be created with", async () => {
    const { body } = await team.call("GET", "/v2/databases/options");
    expect(Object.keys(body.options)).toEqual(["pg", "valkey"]);
    expect(body.options.pg.versions).toEqual(["17"]);
    expect(body.options.valkey.versions).toEqual(["8"]);
    expect(body.options.pg.regions).toContain("fra1");
    const [one, two] = body.options.pg.layouts;
    expect(one).toMatchObject({ num_nodes: 1, sizes: expect.arrayContaining(["db-s-1vcpu-1gb"]) });
    expect(two?.sizes).not.toContain("db-s-1vcpu-1gb");
    expect(body.version_availability.pg[0]?.version).toBe("17");
  });

  it("and everything else of an unknown cluster is not found", async () => {
    const path = "/v2/databases/9cc10173-e9ea-4176-9dbc-a4cee4c4ff30";
    for (const part of [
      "",
      "/ca",
      "/users",
      "/dbs",
      "/pools",
      "/firewall",
      "/config",
      "/backups",
    ]) {
      const { status, body } = await team.call("GET", path + part);
      expect([status, body.id, body.message]).toEqual([404, "not_found", "cluster not found"]);
    }
  });
});
