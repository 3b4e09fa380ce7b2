import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  APP,
  psql,
  redisCli,
  SUPERUSER,
  startPostgres,
  startValkey,
  useEngines,
} from "./support.ts";

const test = useEngines();
const { engines, dataDir } = test;

const CACHE_OWNER = {
  name: "default",
  password: "cache-password-for-tests",
  rules: ["~*", "&*", "+@all"],
};

/** What every file of the servers holds. */
const contents = (): Map<string, Buffer> => {
  const folder = join(dataDir, "engines");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  // One may go meanwhile, as PostgreSQL's temporary ones do.
  const read = (file: string): [string, Buffer][] => {
    try {
      return [[file, readFileSync(file)]];
    } catch {
      return [];
    }
  };
  return new Map(files.flatMap(read));
};

const filesWith = (text: string): string[] =>
  [...contents()].filter(([, content]) => content.includes(text)).map(([file]) => file);

/** Every text of the length and letters of a generated password. */
function candidates(content: Buffer): string[] {
  const runs = content.toString("latin1").match(/[\w-]{43,}/g) ?? [];
  return runs.flatMap((run) =>
    Array.from({ length: run.length - 42 }, (_, at) => run.slice(at, at + 43)),
  );
}

it("has no password on the disk while servers run that know them", async () => {
  const postgres = await startPostgres(test, "database");
  const verifier = await engines.postgres.as(postgres, "postgres", async (client) => {
    const { rows } = await client.query("SELECT rolpassword FROM pg_authid WHERE rolname = $1", [
      APP.name,
    ]);
    return String(rows[0]?.rolpassword);
  });
  const copy = { ...postgres, id: "copy", endpoint: (await engines.endpoints([5432]))[0] };
  await engines.postgres.clone(postgres, copy);
  const [pooler] = await engines.endpoints([25061]);
  await engines.pgbouncer.ensure({
    id: "pooler",
    endpoint: pooler,
    authority: test.authority,
    backend: postgres.endpoint,
    users: [{ name: APP.name, verifier }],
    pools: [{ name: "shop", database: "shop", mode: "session", size: 2 }],
  });
  const cache = await startValkey(test, "cache", [CACHE_OWNER]);
  // They really know them, and have written down what they do.
  for (const at of [postgres.endpoint, copy.endpoint, pooler]) {
    expect(await psql(test, at, "CREATE TABLE IF NOT EXISTS a (x int)")).toMatchObject({
      exitCode: 0,
    });
  }
  await engines.postgres.as(postgres, "postgres", (client) => client.query("CHECKPOINT"));
  const set = await redisCli(test, cache.endpoint, CACHE_OWNER, ["SET", "written", "down"]);
  expect(set.stdout).toBe("OK");

  const passwords = [SUPERUSER.password, APP.password, CACHE_OWNER.password];
  expect(passwords.flatMap(filesWith)).toEqual([]);
  // What is looked for in this way is found.
  expect(filesWith("SCRAM-SHA-256$4096:").length).toBeGreaterThanOrEqual(3);
  writeFileSync(join(dataDir, "engines", "control"), `password=${APP.password}`);
  expect(filesWith(APP.password)).toEqual([join(dataDir, "engines", "control")]);
});

it("has none of the engine's own user of a cache either, which nobody but the engine knows", async () => {
  await startValkey(test, "own", []);
  const folder = join(dataDir, "engines", "valkey", "own");
  const users = readFileSync(join(folder, "users.acl"), "utf8");
  const hash = /#([0-9a-f]{64})/.exec(users)?.[1];
  expect(hash).toBeDefined();
  const preimages = () =>
    [...contents()]
      .filter(([file]) => file.startsWith(folder))
      .flatMap(([, content]) => candidates(content))
      .filter((text) => createHash("sha256").update(text).digest("hex") === hash);
  expect(preimages()).toEqual([]);
});

it("deletes the file in which earlier versions kept the password of a cache's own user", async () => {
  const cache = await startValkey(test, "earlier", []);
  const file = join(dataDir, "engines", "valkey", "earlier", "administrator-password");
  writeFileSync(file, "left-behind-by-an-earlier-version");
  await engines.valkey.ensure(cache);
  expect(filesWith("left-behind-by-an-earlier-version")).toEqual([]);
});
