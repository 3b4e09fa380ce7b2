import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bootstrap } from "../../tools/bootstrap/run.mjs";
import { runsTypeScript, runtimeStep } from "../../tools/bootstrap/runtime.mjs";
import { machine, script } from "./support.ts";

const old = () => machine(undefined, { nodeVersion: "18.20.4" });
const packaged = (root: string) => join(root, "node_modules", ".bin", "node");

test("Node 22.18 runs TypeScript, an older one does not", () => {
  expect(["22.18.0", "v24.0.1", "22.17.9", "18.20.4", ""].map(runsTypeScript)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

test("with an old Node and no packaged one every run fails alike, with what to do", async () => {
  const context = old();
  mkdirSync(join(context.root, "node_modules"), { recursive: true });
  for (let run = 0; run < 2; run += 1) {
    await expect(bootstrap(context, [runtimeStep])).rejects.toThrow(
      /Node\.js 22\.18\.0 or newer is needed, this one is 18\.20\.4.*ignore-scripts/,
    );
  }
});

test("the packaged Node does for an old one, unless it is too old or does not run", () => {
  const context = old();
  script(packaged(context.root), "echo v22.23.3");
  expect(runtimeStep.pending(context)).toBeNull();
  expect(runtimeStep.summary(context)).toBe("TypeScript by the packaged Node");
  for (const body of ["echo v20.1.0", "exit 1"]) {
    script(packaged(context.root), body);
    expect(runtimeStep.pending(context)).toMatch(/does not run, or is too old/);
  }
});
