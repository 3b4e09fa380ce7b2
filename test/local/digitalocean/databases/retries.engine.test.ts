import { existsSync, mkdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  startDigitalOcean,
  type TestDigitalOcean,
  type TestTeam,
} from "../../../support/digitalocean.ts";
import { createOnline, eventually, POSTGRES, query, VALKEY, whenOnline } from "./clusters.ts";

let vendor: TestDigitalOcean;
let team: TestTeam;
beforeEach(async () => {
  vendor = await startDigitalOcean();
  team = vendor.team("staging");
});
afterEach(() => vendor.close());

const engineFolder = (...names: string[]) => join(vendor.cloud.dataDir, "engines", ...names);

/** Puts a file where a folder is to be made. */
function inPlaceOf(folder: string): string {
  mkdirSync(dirname(folder), { recursive: true });
  writeFileSync(folder, "");
  return folder;
}

const linesOf = (id: string) => vendor.logLines.filter((line) => line.includes(`(${id})`));

/** Creates a cluster whose server cannot be made, and waits until that was tried. */
async function createBroken(name: string, request: object) {
  const { body } = await team.call("POST", "/v2/databases", { name, ...request });
  const { id } = body.database;
  await eventually(async () => linesOf(id)[0]);
  expect((await team.call("GET", `/v2/databases/${id}`)).body.database.status).toBe("creating");
  return id;
}

it("a cluster whose server could not be made comes online once the cause is gone", async () => {
  const files = ["postgres", "valkey"].map((name) => inPlaceOf(engineFolder(name)));
  const main = await createBroken("main", POSTGRES);
  const cache = await createBroken("cache", VALKEY);
  const again = await createBroken("again", VALKEY);
  for (const file of files) rmSync(file);
  const { connection, ca } = await whenOnline(team, main);
  expect(await query(connection, ca, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  await Promise.all([whenOnline(team, cache), whenOnline(team, again)]);
  await eventually(async () => linesOf(main)[1]);
  expect(linesOf(main)).toEqual([
    expect.stringMatching(
      /^The database cluster main \(.*\) cannot go on\. .*E(EXIST|NOTDIR).* Remove the cause/,
    ),
    `The database cluster main (${main}): what had failed is done.`,
  ]);
});

it("a resize that could not be carried out is, once the cause is gone", async () => {
  const { id, path, connection, ca } = await createOnline(team, "main");
  const settings = engineFolder("postgres", `do-${id}`, "postgresql.conf");
  rmSync(settings);
  mkdirSync(settings);
  await team.call("PUT", `${path}/resize`, { size: "db-s-2vcpu-4gb", num_nodes: 1 });
  await eventually(async () => linesOf(id)[0]);
  expect((await team.call("GET", path)).body.database.status).toBe("resizing");
  rmdirSync(settings);
  await whenOnline(team, id);
  expect(await query(connection, ca, "SHOW max_connections")).toEqual([{ max_connections: "100" }]);
});

it("a cluster that is deleted while its creation is tried again is gone for good", async () => {
  const file = inPlaceOf(engineFolder("postgres"));
  const id = await createBroken("main", POSTGRES);
  rmSync(file);
  expect((await team.call("DELETE", `/v2/databases/${id}`)).status).toBe(204);
  expect((await team.call("GET", `/v2/databases/${id}`)).status).toBe(404);
  await createOnline(team, "main");
  expect(existsSync(engineFolder("postgres", `do-${id}`))).toBe(false);
});

it("a deletion that could not be carried out is gone on with, and the name is free then", async () => {
  const { id, path } = await createOnline(team, "main", VALKEY);
  // Nothing can be removed below what is no folder.
  const folder = engineFolder("valkey");
  await vendor.cloud.engines.valkey.stop(`do-${id}`);
  rmSync(folder, { recursive: true });
  inPlaceOf(folder);
  expect((await team.call("DELETE", path)).status).toBe(204);
  expect((await team.call("GET", path)).status).toBe(404);
  const create = () => team.call("POST", "/v2/databases", { name: "main", ...VALKEY });
  expect((await create()).status).toBe(422);
  rmSync(folder);
  const created = await eventually(async () => {
    const { status, body } = await create();
    return status === 201 ? body.database.id : undefined;
  });
  await whenOnline(team, created);
});

it("a cloud that is closed tries nothing any more, and the next one goes on", async () => {
  const file = inPlaceOf(engineFolder("postgres"));
  const id = await createBroken("main", POSTGRES);
  const { logLines } = vendor;
  const before = logLines.length;
  vendor = await vendor.restart();
  team = { ...team, call: vendor.caller(team.apiToken) };
  await eventually(async () => linesOf(id)[0]);
  expect(logLines.length).toBe(before);
  rmSync(file);
  await whenOnline(team, id);
});
