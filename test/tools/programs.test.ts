import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createContext, programFolders } from "../../tools/bootstrap/context.mjs";
import { programsStep } from "../../tools/bootstrap/programs.mjs";
import { bootstrap } from "../../tools/bootstrap/run.mjs";
import { readTools, writePrograms } from "../../tools/bootstrap/tools-file.mjs";
import { machine, script, temporaryFolder } from "./support.ts";

type Machine = ReturnType<typeof machine>;

const DEBIAN = { platform: "linux" } as const;

/** What a server says that meets an argument it does not know; one without TLS meets one before. */
const REDIS = (unknown = "bulkhead-probe") =>
  `[ "$1" = --version ] && echo "Redis server v=7.0.15 sha=0" || echo ">>> '${unknown} yes'"`;
const PGBOUNCER = (tls = "OpenSSL 3.0.19") => `echo "PgBouncer 1.18.0"; echo "tls: ${tls}"`;

function onPath(context: Machine, programs: Readonly<Record<string, string>>): Machine {
  const folder = join(context.root, "..", "programs");
  for (const [name, body] of Object.entries(programs)) script(join(folder, name), body);
  context.env = { ...context.env, PATH: `${folder}:${context.env.PATH}` };
  return context;
}

/** Package tools whose packages hold the two servers and a library. */
function withPackages(context: Machine, { offline = false } = {}): Machine {
  const calls = join(context.root, "..", "apt-calls");
  const servers = [
    ["usr/bin/redis-server", REDIS()],
    ["usr/sbin/pgbouncer", PGBOUNCER()],
    ["usr/bin/pg_wrapper", "exit 1"],
    ["usr/lib/machine/libevent.so.2", ""],
  ].map(([path, body]) => {
    const prepared = script(join(context.root, "..", "packages", path ?? ""), body ?? "");
    return `/bin/mkdir -p "$3/$(/usr/bin/dirname ${path})"; /bin/cp ${prepared} "$3/${path}"`;
  });
  return onPath(context, {
    "apt-cache":
      'for last; do :; done; [ "$last" = redis-server ] || [ "$last" = pgbouncer ] || exit 100; echo "Package: $last"',
    "apt-get": [
      `echo "$@" >> ${calls}`,
      'case "$*" in',
      `*update*) ${offline ? 'echo "W: Failed to fetch the index  Could not resolve" >&2' : ":"};;`,
      "*install*) echo \"'at' libevent_2_amd64.deb 1 SHA256:0\"; echo \"'at' perl_5_amd64.deb 1 SHA256:0\";;",
      `*download*) ${offline ? 'echo "E: no network" >&2; exit 100' : "echo > all.deb"};;`,
      "esac",
    ].join("\n"),
    "dpkg-deb": servers.join("\n"),
  });
}

const calls = (context: Machine) => readFileSync(join(context.root, "..", "apt-calls"), "utf8");

test("programs on the PATH are recorded, and looked for again when they change or go", async () => {
  const context = onPath(machine(), {
    "redis-server": REDIS(),
    pgbouncer: PGBOUNCER(),
    psql: "echo psql 15.2",
  });
  expect(await bootstrap(context, [programsStep])).toEqual(["database programs"]);
  const folder = join(context.root, "..", "programs");
  expect(readTools(context.stateDir)?.programs).toMatchObject({
    valkey: { path: join(folder, "redis-server"), product: "redis", version: "7.0.15" },
    pgbouncer: { path: join(folder, "pgbouncer"), product: "pgbouncer", version: "1.18.0" },
    psql: { path: join(folder, "psql"), version: "15.2" },
  });
  expect(await bootstrap(context, [programsStep])).toEqual([]);
  script(join(folder, "pgbouncer"), `${PGBOUNCER()} # upgraded`);
  expect(await bootstrap(context, [programsStep])).toEqual(["database programs"]);
  rmSync(join(folder, "pgbouncer"));
  await expect(bootstrap(context, [programsStep])).rejects.toThrow(
    /No usable pgbouncer was found on the PATH.*brew install valkey pgbouncer/,
  );
});

test("programs in the system's own folders are found, though a user's PATH has these not", async () => {
  const context = onPath(machine(), { "redis-server": REDIS() });
  const system = join(context.root, "..", "sbin");
  context.programFolders = [join(context.root, "..", "absent"), system];
  await expect(bootstrap(context, [programsStep])).rejects.toThrow(
    /No usable pgbouncer was found on the PATH or in .*absent or in .*sbin, and none/,
  );
  script(join(system, "pgbouncer"), PGBOUNCER());
  script(join(system, "redis-server"), REDIS().replace("7.0.15", "6.0.0"));
  await bootstrap(context, [programsStep]);
  expect(readTools(context.stateDir)?.programs).toMatchObject({
    pgbouncer: { path: join(system, "pgbouncer"), version: "1.18.0" },
    // The PATH goes before.
    valkey: { version: "7.0.15" },
  });
});

test("the folders are those of the system, PostgreSQL's newest version first", () => {
  const postgres = temporaryFolder();
  for (const version of ["9", "15", "17", "common"]) mkdirSync(join(postgres, version));
  const linux = ["/usr/local/sbin", "/usr/sbin", "/sbin"];
  expect(programFolders("linux", postgres)).toEqual([
    ...linux,
    ...["17", "15", "9"].map((version) => join(postgres, version, "bin")),
  ]);
  expect(programFolders("linux", join(postgres, "absent"))).toEqual(linux);
  expect(programFolders("darwin")).toContain("/opt/homebrew/bin");
  expect(createContext().programFolders).toEqual(programFolders(process.platform));
});

test("Valkey goes before Redis, and a server without TLS is passed over", async () => {
  const context = onPath(machine(), {
    "valkey-server": REDIS("tls-cluster"),
    "redis-server": REDIS(),
    pgbouncer: PGBOUNCER(),
  });
  await bootstrap(context, [programsStep]);
  expect(readTools(context.stateDir)?.programs?.valkey?.product).toBe("redis");
  expect(context.lines.join("\n")).toMatch(/not using .*valkey-server: it was built without TLS/);

  const both = onPath(machine(), {
    "valkey-server": REDIS().replace("Redis server v=7.0.15", "Valkey server v=8.1.1"),
    "redis-server": REDIS(),
    pgbouncer: PGBOUNCER(),
  });
  await bootstrap(both, [programsStep]);
  expect(readTools(both.stateDir)?.programs?.valkey).toMatchObject({
    product: "valkey",
    version: "8.1.1",
  });
});

test("a PgBouncer without TLS is passed over", async () => {
  const context = onPath(machine(), { "redis-server": REDIS(), pgbouncer: PGBOUNCER("none") });
  await expect(bootstrap(context, [programsStep])).rejects.toThrow("No usable pgbouncer");
  expect(context.lines.join("\n")).toMatch(/not using .*pgbouncer: it was built without TLS/);
});

test("on Debian what is missing is unpacked into the cache, with the libraries it needs", async () => {
  const context = withPackages(machine(undefined, DEBIAN));
  await bootstrap(context, [programsStep]);
  const { valkey, pgbouncer } = readTools(context.stateDir)?.programs ?? {};
  expect(valkey?.path.startsWith(context.cacheDir)).toBe(true);
  expect(pgbouncer).toMatchObject({ product: "pgbouncer", version: "1.18.0" });
  const launcher = readFileSync(pgbouncer?.path ?? "", "utf8");
  expect(launcher).toContain("/root/usr/lib/machine'");
  expect(launcher).toContain('/root/usr/sbin/pgbouncer\' "$@"');
  expect(calls(context)).toMatch(/download redis-server pgbouncer libevent$/m);
  expect(calls(context)).not.toContain("update");
  // Another clone of the project uses the same cache.
  const earlier = calls(context);
  await bootstrap({ ...context, stateDir: join(context.root, "other-state") }, [programsStep]);
  expect(calls(context)).toBe(earlier);
});

test("a download that fails leaves nothing behind, names the cause and succeeds when repeated", async () => {
  const context = withPackages(machine(undefined, DEBIAN), { offline: true });
  await expect(bootstrap(context, [programsStep])).rejects.toThrow(
    /cannot be downloaded \(Failed to fetch the index {2}Could not resolve\)\. Install Valkey or Redis/,
  );
  expect(calls(context)).toContain("update");
  expect(readdirSync(join(context.cacheDir, "programs"))).toEqual([]);
  expect(existsSync(join(context.cacheDir, "apt"))).toBe(false);
  expect(await bootstrap(withPackages(context), [programsStep])).toEqual(["database programs"]);
});

test("what other steps have written into the tools file stays", async () => {
  const context = onPath(machine(), { "redis-server": REDIS(), pgbouncer: PGBOUNCER() });
  const other = { path: process.execPath, product: "postgres", version: "17.10" };
  writePrograms(context.stateDir, { postgres: other });
  await bootstrap(context, [programsStep]);
  expect(readTools(context.stateDir)?.programs?.postgres).toMatchObject(other);
});
