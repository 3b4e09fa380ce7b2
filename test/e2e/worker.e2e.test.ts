import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readCredentials } from "../../local/daemon.ts";
import { openTestEstate, type TestEstate, writeScratchProject } from "../support/estate.ts";

/*
 * A Worker with everything that it can be given, by the real engine, asked over HTTP.
 */

let estate: TestEstate;
beforeAll(async () => {
  estate = openTestEstate();
  const shell = await estate.shell("true");
  expect(shell.exitCode, shell.output).toBe(0);
});
afterAll(() => estate.close());

const PROGRAM = `
  import { cloudflareCredentials, connectCloudflareAccount } from "@/components/cloudflare-account.ts";
  import { Bucket } from "@/components/bucket.ts";
  import { D1Database } from "@/components/d1-database.ts";
  import { KvNamespace } from "@/components/kv-namespace.ts";
  import { Scope } from "@/components/scope.ts";
  import { Secret } from "@/components/secret.ts";
  import { Worker } from "@/components/worker.ts";
  import { ai } from "@/components/worker-bindings.ts";
  const account = connectCloudflareAccount(
    cloudflareCredentials("staging", { accountId: undefined, apiToken: undefined }, process.env));
  const scope = new Scope("shop", { tier: "staging", account });
  const inner = new Worker("inner", { scope, entry: new URL("./inner.ts", import.meta.url), workersDev: false });
  const outer = new Worker("outer", {
    scope,
    entry: new URL("./outer.ts", import.meta.url),
    domain: { hostname: process.env.SHOP_HOST, zoneId: process.env.CLOUDFLARE_ZONE_ID_STAGING },
    bindings: {
      DB: new D1Database("main", { scope }),
      FILES: new Bucket("files", { scope }),
      CACHE: new KvNamespace("cache", { scope }),
      SIGNING_KEY: new Secret("signing-key", { scope, length: 80, alphabet: "hex" }),
      INNER: inner,
      AI: ai(),
      GREETING: "hello",
    },
  });
  export const urls = outer.urls;
`;

const INNER = `export default { fetch: () => new Response("inner") };`;
const OUTER = `
  export default {
    async fetch(_request, env) {
      await env.CACHE.put("key", "cached");
      await env.FILES.put("key", "stored");
      return Response.json({
        db: (await env.DB.prepare("SELECT 1 AS one").first()).one,
        cache: await env.CACHE.get("key"),
        file: await (await env.FILES.get("key")).text(),
        secret: /^[0-9a-f]{80}$/.test(env.SIGNING_KEY),
        inner: await (await env.INNER.fetch("https://inner/")).text(),
        ai: await env.AI.run("@cf/model", {}).catch((error) => error.name),
        plain: [env.GREETING, env.PROJECT, env.SYSTEM, env.ENVIRONMENT],
      });
    },
  };
`;

it("reaches all of its bindings, at its custom domain first and at workers.dev, and `up` again changes nothing", async () => {
  const folder = join(estate.stateDir, "project");
  writeScratchProject(folder, "shop", PROGRAM);
  writeFileSync(join(folder, "inner.ts"), INNER);
  writeFileSync(join(folder, "outer.ts"), OUTER);
  const host = readCredentials(estate.stateDir).staging?.domain;
  const pulumi = async (args: string) => {
    const line = `SHOP_HOST=shop.${host} pulumi ${args} --non-interactive`;
    const result = await estate.shell(line, { cwd: folder, stack: "staging" });
    expect(result.exitCode, result.output).toBe(0);
    return result;
  };
  await pulumi("stack init staging");
  await pulumi("up --yes --skip-preview");

  const urls = JSON.parse((await pulumi("stack output --json")).stdout).urls as string[];
  expect(urls).toEqual([
    `https://shop.${host}`,
    expect.stringMatching(/^https:\/\/shop-outer-staging\.[a-z0-9-]+\.workers\.dev$/),
  ]);
  for (const url of urls) {
    expect(JSON.parse((await estate.visit(url)).body)).toEqual({
      db: 1,
      cache: "cached",
      file: "stored",
      secret: true,
      inner: "inner",
      ai: "InferenceUpstreamError",
      plain: ["hello", "shop", "shop", "staging"],
    });
  }
  const inner = urls[1]?.replace("outer", "inner") ?? "";
  expect((await estate.visit(inner)).status).toBe(404);
  await pulumi("preview --expect-no-changes");
});
