import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { firstDifference, npmCommand, packagesStep } from "../../tools/bootstrap/packages.mjs";
import { machine, script } from "./support.ts";

const LOCK = {
  packages: {
    "": { name: "x" },
    "node_modules/a": { version: "1.0.0" },
    "node_modules/fsevents": { version: "2.0.0", optional: true },
  },
};

/** A project whose npm installs by copying the lock file, as npm's hidden one, and counts its runs. */
function project() {
  const context = machine();
  writeFileSync(join(context.root, "package-lock.json"), JSON.stringify(LOCK));
  const bin = join(context.root, "..", "npm-bin");
  script(
    join(bin, "npm"),
    `echo run >> ${context.root}/runs; sleep 0.3; mkdir -p node_modules; cat package-lock.json > node_modules/.package-lock.json`,
  );
  context.env = { PATH: `${bin}:${context.env.PATH}` };
  const runs = () => readFileSync(join(context.root, "runs"), "utf8").trim().split("\n").length;
  return { context, runs };
}

test("missing packages are installed once, and then nothing is pending", async () => {
  const { context, runs } = project();
  expect(packagesStep.pending(context)).toBe("node_modules is missing");
  await packagesStep.run(context);
  expect(packagesStep.pending(context)).toBeNull();
  expect(runs()).toBe(1);
});

test("two bootstraps at once install once", async () => {
  const { context, runs } = project();
  await Promise.all([packagesStep.run(context), packagesStep.run(context)]);
  expect(runs()).toBe(1);
  expect(context.lines.join("\n")).toMatch(/waiting for another bootstrap/);
});

test("a changed package-lock.json makes the packages stale", async () => {
  const { context } = project();
  await packagesStep.run(context);
  const changed = { packages: { ...LOCK.packages, "node_modules/b": { version: "1.0.0" } } };
  writeFileSync(join(context.root, "package-lock.json"), JSON.stringify(changed));
  expect(packagesStep.pending(context)).toBe("node_modules/b is not installed");
});

test("what a developer's own `npm install` left is accepted when it equals the lock file", () => {
  const { context } = project();
  const modules = join(context.root, "node_modules");
  mkdirSync(modules);
  writeFileSync(join(modules, ".package-lock.json"), JSON.stringify(LOCK));
  expect(packagesStep.pending(context)).toBeNull();
  expect(readdirSync(modules)).toEqual([".package-lock.json"]);
});

test("two state folders of one project install once, since node_modules is the project's", async () => {
  const { context, runs } = project();
  await Promise.all(["a", "b"].map((stateDir) => packagesStep.run({ ...context, stateDir })));
  expect(runs()).toBe(1);
});

test("a node_modules that takes no stamp is used all the same", async () => {
  const { context } = project();
  mkdirSync(join(context.root, "node_modules", ".bulkhead-packages.json"), { recursive: true });
  await packagesStep.run(context);
  expect(packagesStep.pending(context)).toBeNull();
});

test("differences are named; an optional package of another platform is none", () => {
  const { context } = project();
  const modules = join(context.root, "node_modules");
  mkdirSync(modules);
  const compare = (packages: object) => {
    writeFileSync(join(modules, ".package-lock.json"), JSON.stringify({ packages }));
    return firstDifference(JSON.stringify(LOCK), modules);
  };
  expect(compare({ "node_modules/a": { version: "1.0.0" } })).toBeNull();
  expect(compare({ "node_modules/a": { version: "0.9.0" } })).toBe(
    "node_modules/a is 0.9.0, not 1.0.0",
  );
  expect(
    compare({ "node_modules/a": { version: "1.0.0" }, "node_modules/z": { version: "1" } }),
  ).toBe("node_modules/z is not in package-lock.json");
});

test("a failing npm ends the bootstrap with what to do", async () => {
  const { context } = project();
  script(join(context.root, "..", "npm-bin", "npm"), "exit 7");
  await expect(packagesStep.run(context)).rejects.toThrow(
    /`npm ci` failed in .* \(exit code 7\).*npm_config_registry/,
  );
  expect(readdirSync(join(context.cacheDir, "locks"))).toEqual([]);
});

test("a machine without npm is told how to get it", () => {
  expect(() => npmCommand(machine().env)).toThrow(/npm is not on the PATH.*apt-get install npm/);
});
