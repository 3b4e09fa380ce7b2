import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { issueCertificate } from "../../../local/engines/certificates.ts";
import type { PostgresSpec } from "../../../local/engines/engines.ts";
import { filesContaining } from "../../support/files.ts";
import {
  refusalOf,
  startTestCloud,
  type TestCloud,
  type TestEnvironment,
} from "../../support/local-cloud.ts";
import { putWorker, replying } from "../../support/workers.ts";
import { wranglerFor } from "../../support/wrangler.ts";
import { APP, startPostgres, useEngines } from "../engines/support.ts";

const test = useEngines();
let cloud: TestCloud;
let staging: TestEnvironment;
let account_id: string;
let server: PostgresSpec;
let authorityId: string;
/** A server that is no database: it hangs up. */
let mute: Server;

beforeAll(async () => {
  cloud = await startTestCloud();
  staging = cloud.environment("staging");
  account_id = staging.accountId;
  server = await startPostgres(test, "origin");
  authorityId = await uploadAuthority(test.authority.certificate);
  mute = createServer((socket) => socket.once("data", () => socket.end("N")));
  await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  mute?.close();
  await cloud?.close();
});

const configs = () => staging.client.hyperdrive.configs;
const certificates = () => staging.client.mtlsCertificates;

async function uploadAuthority(pem: string, environment = staging): Promise<string> {
  const { id } = await environment.client.mtlsCertificates.create({
    account_id: environment.accountId,
    ca: true,
    certificates: pem,
  });
  return id ?? "";
}

const origin = (changes: object = {}) => ({
  scheme: "postgres" as const,
  ...server.endpoint,
  database: "shop",
  user: APP.name,
  password: APP.password,
  ...changes,
});

const create = (name: string, changes: object = {}) =>
  configs().create({ account_id, name, origin: origin(), ...changes });

const verified = (sslmode: string, ca_certificate_id = authorityId) => ({
  mtls: { sslmode, ca_certificate_id },
});

describe("configurations", () => {
  it("are created, read, listed, changed and deleted, with the vendor's defaults and never a password", async () => {
    const made = await create("crud", verified("verify-full"));
    expect(made).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      name: "crud",
      origin: { scheme: "postgres", ...server.endpoint, database: "shop", user: "app" },
      caching: { disabled: false },
      mtls: { sslmode: "verify-full", ca_certificate_id: authorityId },
      origin_connection_limit: 60,
      created_on: expect.any(String),
      modified_on: expect.any(String),
    });
    expect(await configs().get(made.id, { account_id })).toEqual(made);
    const names: string[] = [];
    for await (const { name } of configs().list({ account_id })) names.push(name);
    expect(names).toContain("crud");
    const edited = await configs().edit(made.id, { account_id, caching: { disabled: true } });
    expect(edited).toMatchObject({ name: "crud", mtls: made.mtls, caching: { disabled: true } });
    await configs().delete(made.id, { account_id });
    expect(await refusalOf(configs().get(made.id, { account_id }))).toMatchObject({ status: 404 });
  });

  it("keep TLS and connection limit in a replacement that leaves them out, and reset caching", async () => {
    const { id } = await create("replaced", {
      ...verified("verify-ca"),
      caching: { disabled: true },
      origin_connection_limit: 10,
    });
    const replaced = await configs().update(id, { account_id, name: "renamed", origin: origin() });
    expect(replaced).toMatchObject({
      name: "renamed",
      mtls: { sslmode: "verify-ca", ca_certificate_id: authorityId },
      caching: { disabled: false },
      origin_connection_limit: 10,
    });
  });

  it("keep their password when a change leaves it out, unreadable in every file of the cloud", async () => {
    const { id } = await create("sealed");
    const edited = await configs().edit(id, { account_id, origin: { database: "postgres" } });
    expect(edited.origin).toMatchObject({ database: "postgres", user: "app" });
    expect(filesContaining(cloud.dataDir, APP.password)).toEqual([]);
    expect(cloud.logLines.join("\n")).not.toContain(APP.password);
  });

  it("cannot share a name in one account", async () => {
    const { id } = await create("taken");
    expect(await refusalOf(create("taken"))).toMatchObject({ status: 409, code: 2017 });
    await configs().delete(id, { account_id });
    await create("taken");
  });

  it("belong to their account: another's token and another's path do not find them", async () => {
    const { id } = await create("own");
    const production = cloud.environment("production");
    const theirs = production.client.hyperdrive.configs;
    const { accountId } = production;
    expect(await refusalOf(theirs.get(id, { account_id }))).toMatchObject({ status: 403 });
    expect(await refusalOf(theirs.get(id, { account_id: accountId }))).toMatchObject({
      status: 404,
    });
    const bindings = [{ type: "hyperdrive", name: "DB", id }];
    const stolen = putWorker(production, "thief", replying("env.DB.host"), { bindings });
    expect(await refusalOf(stolen)).toMatchObject({ status: 400, code: 10021 });
    await putWorker(staging, "owner", replying("env.DB.host"), { bindings });
  });
});

describe("the trial connection", () => {
  it.each([
    ["a wrong password", { password: "wrong" }, 2013],
    ["an unknown user", { user: "nobody" }, 2013],
    ["an unknown database", { database: "missing" }, 2014],
    ["a port that nobody listens on", { port: 1 }, 2011],
    ["a name that does not resolve", { host: "db.invalid" }, 2008],
  ])("refuses %s with the vendor's code", async (_, change, code) => {
    const refusal = await refusalOf(create("refused", { origin: origin(change) }));
    expect(refusal).toMatchObject({ status: 400, code });
    expect(refusal.message).not.toContain("wrong");
  });

  it("refuses a server without TLS", async () => {
    const { port } = mute.address() as AddressInfo;
    const refusal = await refusalOf(
      create("plain", { origin: origin({ host: "127.0.0.1", port }) }),
    );
    expect(refusal).toMatchObject({ status: 400, code: 2012 });
  });

  it("refuses a server whose certificate another authority signed, and takes it from the right one", async () => {
    const other = await uploadAuthority((await test.engines.authority("Other")).certificate);
    for (const sslmode of ["verify-ca", "verify-full"]) {
      const name = `checked-${sslmode}`;
      expect(await refusalOf(create(name, verified(sslmode, other)))).toMatchObject({
        status: 400,
        code: 2015,
      });
      await create(name, verified(sslmode));
    }
  });

  it("verifies the server's name by verify-full alone", async () => {
    const named = { origin: origin({ host: "localhost" }), ...verified("verify-full") };
    const { host } = server.endpoint;
    // Where the server listens at this very address.
    if (host !== "127.0.0.1") named.origin = origin({ host: `::ffff:${host}` });
    expect(await refusalOf(create("misnamed", named))).toMatchObject({ status: 400, code: 2015 });
    await create("misnamed", { ...named, ...verified("verify-ca") });
  });

  it("is repeated for a change, which is not made when it fails", async () => {
    const { id } = await create("kept");
    const change = configs().edit(id, { account_id, origin: { password: "wrong" } });
    expect(await refusalOf(change)).toMatchObject({ status: 400, code: 2013 });
    await configs().edit(id, { account_id, origin_connection_limit: 20 });
  });
});

describe("what does not fit", () => {
  it.each([
    ["MySQL", { origin: { scheme: "mysql" } }, /PostgreSQL only/],
    [
      "verification without an authority",
      { mtls: { sslmode: "verify-full" } },
      /ca_certificate_id/,
    ],
    ["an unknown field", { surprise: 1 }, /surprise/],
    ["a limit below the vendor's", { origin_connection_limit: 4 }, /origin_connection_limit/],
    ["an unknown certificate", { mtls: { sslmode: "verify-ca", ca_certificate_id: "x" } }, /x/],
  ])("is refused: %s", async (_, change, message) => {
    const origins = "origin" in change ? { origin: origin(change.origin) } : {};
    const refusal = await refusalOf(create("unfit", { ...change, ...origins }));
    expect(refusal).toMatchObject({ status: 400, code: 2001 });
    expect(refusal.message).toMatch(message);
  });

  it("is refused: an authority with sslmode require, which would not verify", async () => {
    expect(await refusalOf(create("unfit", verified("require")))).toMatchObject({ status: 400 });
  });
});

describe("certificates", () => {
  it("are uploaded, described, listed and deleted", async () => {
    const { certificate } = await test.engines.authority("Described authority");
    const made = await certificates().create({
      account_id,
      ca: true,
      certificates: certificate,
      name: "described",
    });
    expect(made).toMatchObject({
      name: "described",
      ca: true,
      certificates: certificate,
      issuer: "CN=Described authority",
      signature: "ECDSAWithSHA256",
      serial_number: expect.stringMatching(/^\d+$/),
    });
    const id = made.id ?? "";
    expect(await certificates().get(id, { account_id })).toEqual(made);
    const names: (string | undefined)[] = [];
    for await (const { name } of certificates().list({ account_id })) names.push(name);
    expect(names).toContain("described");
    await certificates().delete(id, { account_id });
    expect(await refusalOf(certificates().get(id, { account_id }))).toMatchObject({ status: 404 });
  });

  it("are not deleted while a configuration uses them", async () => {
    const { certificate } = test.authority;
    const id = await uploadAuthority(certificate);
    const config = await create("user", verified("verify-full", id));
    expect(await refusalOf(certificates().delete(id, { account_id }))).toMatchObject({
      status: 409,
    });
    await configs().delete(config.id, { account_id });
    await certificates().delete(id, { account_id });
  });

  it("are refused when they are none, of the other kind, or without their own key", async () => {
    const leaf = await issueCertificate(test.authority, ["db.example.com"]);
    const { certificate } = test.authority;
    const upload = (body: { ca: boolean; certificates: string; private_key?: string }) =>
      certificates().create({ account_id, ...body });
    expect(await refusalOf(upload({ ca: true, certificates: "text" }))).toMatchObject({
      status: 400,
    });
    expect(await refusalOf(upload({ ca: true, certificates: leaf.certificate }))).toMatchObject({
      status: 400,
    });
    const foreign = { certificates: leaf.certificate, private_key: test.authority.privateKey };
    expect(await refusalOf(upload({ ca: false, ...foreign }))).toMatchObject({ status: 400 });
    expect(await refusalOf(upload({ ca: false, certificates: certificate }))).toMatchObject({
      status: 400,
    });
    const own = { certificates: leaf.certificate, private_key: leaf.privateKey };
    const made = await upload({ ca: false, ...own });
    expect(JSON.stringify(made)).not.toContain("PRIVATE KEY");
    expect(filesContaining(cloud.dataDir, leaf.privateKey.slice(40, 80))).toEqual([]);
  });
});

it("wrangler makes, lists and deletes a configuration with the authority's certificate", async () => {
  const wrangler = wranglerFor(cloud, staging);
  const { host, port } = server.endpoint;
  const url = `postgres://${APP.name}:${APP.password}@${host}:${port}/shop`;
  const made = await wrangler.run([
    ...["hyperdrive", "create", "by-wrangler", `--connection-string=${url}`],
    ...[`--ca-certificate-id=${authorityId}`, "--sslmode=verify-full"],
  ]);
  expect(made).toMatchObject({ exitCode: 0 });
  const listed = await wrangler.run(["hyperdrive", "list"]);
  expect(listed.output).toContain("by-wrangler");
  const id = /\b[0-9a-f]{32}\b/.exec(made.output)?.[0] ?? "";
  expect(await wrangler.run(["hyperdrive", "delete", id])).toMatchObject({ exitCode: 0 });
  wrangler.remove();
});
