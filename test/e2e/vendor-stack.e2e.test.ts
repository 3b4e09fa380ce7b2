import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { attachOperation, runOperation } from "../../cli/engine/operation.ts";
import type { Engine } from "../../cli/engine/pulumi.ts";
import { ensureStack } from "../../cli/engine/stacks.ts";
import { prependPath } from "../../cli/environment.ts";
import { readTools } from "../../cli/tools.ts";
import { lockFolder } from "../../policy/siblings/locks.ts";
import { TOOLS_FILE, temporaryEstateFolder, writeScratchProject } from "../support/estate.ts";

/*
 * A stack as the vendor's commands treat it, in a project that needs no cloud: its salt lives in
 * the committed Pulumi.dev.yaml. The tests follow each other.
 */

let folder: string;
beforeAll(() => {
  folder = temporaryEstateFolder();
  writeScratchProject(
    join(folder, "project"),
    "kept",
    'import * as pulumi from "@pulumi/pulumi"; export const key = pulumi.secret("precious");',
  );
  writeFileSync(join(folder, "project", "Pulumi.dev.yaml"), "# Mine.\nconfig:\n  kept:a: b\n");
  mkdirSync(join(folder, "backend"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function engineWith(passphrase: string): Engine {
  const tools = readTools(dirname(TOOLS_FILE));
  return {
    pulumi: tools.pulumi,
    root: join(folder, "project"),
    config: "committed",
    env: {
      ...process.env,
      PATH: prependPath(tools.path, process.env.PATH),
      PULUMI_HOME: join(folder, "home"),
      PULUMI_BACKEND_URL: `file://${join(folder, "backend")}`,
      PULUMI_CONFIG_PASSPHRASE: passphrase,
      PULUMI_CONFIG_PASSPHRASE_FILE: undefined,
      PULUMI_SKIP_UPDATE_CHECK: "true",
    },
  };
}

const operate = (name: "up" | "preview", passphrase: string) =>
  runOperation(engineWith(passphrase), { name, stack: "dev", flags: [] }, () => undefined);

it("keeps the salt in the committed config, beside what is there", async () => {
  expect(await ensureStack(engineWith("right"), "dev")).toBe(true);
  expect(await operate("up", "right")).toMatchObject({ succeeded: true });
  const config = readFileSync(join(folder, "project", "Pulumi.dev.yaml"), "utf8");
  expect(config).toMatch(/^# Mine\.\n[\s\S]*kept:a: b\n[\s\S]*encryptionsalt: v1:/);
});

it("refuses a wrong passphrase, and the right one still finds everything as it was", async () => {
  const wrong = await operate("up", "wrong");
  expect(wrong.succeeded).toBe(false);
  expect(wrong.diagnostics.map(({ message }) => message).join()).toContain("incorrect passphrase");
  const right = await operate("preview", "right");
  expect(right).toMatchObject({ succeeded: true, changes: { same: 1 } });
  expect(Object.keys(right.changes)).toEqual(["same"]);
});

it("tells in one sentence who has the stack, when Pulumi is the first to come upon the lock", async () => {
  const engine = engineWith("right");
  const locks = lockFolder(engine.env.PULUMI_BACKEND_URL, "kept", "dev") ?? "";
  mkdirSync(locks, { recursive: true });
  const lock = {
    pid: 7,
    username: "ada",
    hostname: "elsewhere",
    timestamp: "2026-11-21T07:46:35Z",
  };
  writeFileSync(join(locks, "0e9c7c0a.json"), JSON.stringify(lock));
  const sentence = "The stack dev is being changed by process 7 of ada@elsewhere since";
  const { succeeded, diagnostics } = await operate("up", "right");
  expect(succeeded).toBe(false);
  expect(diagnostics.map(({ message }) => message)).toEqual([expect.stringContaining(sentence)]);
  await expect(
    attachOperation(engine, { name: "up", stack: "dev", flags: [] }, true),
  ).rejects.toThrow(sentence);
});
