import { closeSync, existsSync, statSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openRunLog, reasonIn } from "../../local/cloud-log.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

it("gives the last line of this run as the reason, whatever letters earlier runs have written", () => {
  const file = join(temporaryFolder(), "cloud.log");
  writeFileSync(file, "früher: ein Fehler — nicht dieser\n".repeat(50));
  const log = openRunLog(file);
  writeSync(log.descriptor, "2026-01-01T00:00:00Z starting\nThe port is taken.\n");
  closeSync(log.descriptor);
  expect(log.reason()).toBe("The port is taken.");
});

it("gives the error of an uncaught exception, not the last line of its stack", () => {
  const output = `file:///main.ts:3
throw new TypeError("x is no function");
      ^

TypeError [ERR_X]: x is no function
    at main.ts:3:7

Node.js v22.23.0
`;
  expect(reasonIn(output)).toBe("TypeError [ERR_X]: x is no function");
  expect(reasonIn("\n")).toBeUndefined();
});

it("puts a log that has grown large aside, and keeps a small one", () => {
  const file = join(temporaryFolder(), "cloud.log");
  writeFileSync(file, "small\n");
  closeSync(openRunLog(file).descriptor);
  expect(existsSync(`${file}.1`)).toBe(false);
  truncateSync(file, 11 * 1024 * 1024);
  closeSync(openRunLog(file).descriptor);
  expect(statSync(`${file}.1`).size).toBe(11 * 1024 * 1024);
  expect(statSync(file)).toMatchObject({ size: 0 });
});
