import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { boundedLog, openRunLog, reasonIn } from "../../local/cloud-log.ts";
import { specifier } from "../support/node-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const MEGABYTE = 1024 * 1024;

const newFile = () => join(temporaryFolder(), "cloud.log");
const linesOf = (file: string) => readFileSync(file, "utf8").trimEnd().split("\n");

it("gives the last line of this run as the reason, whatever letters earlier runs have written", () => {
  const file = newFile();
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

it("puts a log that has grown large aside, for its owner alone, and keeps a small one", () => {
  const file = newFile();
  writeFileSync(file, "small\n", { mode: 0o600 });
  closeSync(openRunLog(file).descriptor);
  expect(existsSync(`${file}.1`)).toBe(false);
  truncateSync(file, 11 * MEGABYTE);
  const { descriptor, reason } = openRunLog(file);
  expect(statSync(`${file}.1`).size).toBe(11 * MEGABYTE);
  expect(statSync(`${file}.1`).mode & 0o777).toBe(0o600);
  expect(statSync(file)).toMatchObject({ size: 0 });
  writeSync(descriptor, "The last words.\n");
  closeSync(descriptor);
  expect(reason()).toBe("The last words.");
});

it("stays within its bound while a run writes, and loses no line of the last 10 MB", () => {
  const file = newFile();
  const { descriptor, reason } = openRunLog(file);
  const log = boundedLog(file, descriptor);
  const text = "x".repeat(1000);
  const count = 35_000;
  for (let number = 0; number < count; number += 1) log(`${number} ${text}`);
  closeSync(descriptor);
  expect(statSync(file).size).toBeLessThan(11 * MEGABYTE);
  expect(statSync(`${file}.1`).size).toBeLessThan(11 * MEGABYTE);
  expect(existsSync(`${file}.2`)).toBe(false);
  const kept = [...linesOf(`${file}.1`), ...linesOf(file)];
  expect(kept.length).toBeGreaterThan(10_000);
  const first = count - kept.length;
  expect(kept).toEqual(kept.map((_, index) => `${first + index} ${text}`));
  expect(reason()).toBe(kept.at(-1));
});

it("keeps every line whole when standard error and another log of the process write as well", async () => {
  const file = newFile();
  const { descriptor } = openRunLog(file);
  const source = `
    import { boundedLog } from ${specifier("local/cloud-log.ts")};
    import { setImmediate as turn } from "node:timers/promises";
    const write = async (name, line) => {
      for (let number = 0; number < 6000; number += 1) {
        line(\`\${name} \${number} \${"x".repeat(1000)}.\`);
        if (number % 10 === 0) await turn();
      }
    };
    await Promise.all([
      write("log", boundedLog(${JSON.stringify(file)}, 1)),
      write("other", boundedLog(${JSON.stringify(file)}, 1)),
      write("error", (line) => process.stderr.write(line + "\\n")),
    ]);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    stdio: ["ignore", descriptor, descriptor],
    env: { ...process.env, NODE_NO_WARNINGS: "1" },
  });
  closeSync(descriptor);
  expect(await once(child, "close")).toEqual([0, null]);
  const kept = [...linesOf(`${file}.1`), ...linesOf(file)];
  expect(kept.filter((line) => !/^(log|other|error) \d+ x{1000}\.$/.test(line))).toEqual([]);
  for (const name of ["log", "other", "error"]) {
    const numbers = kept.filter((line) => line.startsWith(name)).map((line) => line.split(" ")[1]);
    const last = 5999 - numbers.length + 1;
    expect(numbers).toEqual(numbers.map((_, index) => String(last + index)));
  }
}, 30_000);

it("goes on empty when what it held cannot be kept", () => {
  const file = newFile();
  const { descriptor } = openRunLog(file);
  truncateSync(file, 10 * MEGABYTE);
  // Nothing can be put where a folder is.
  mkdirSync(join(`${file}.1`, "in-the-way"), { recursive: true });
  boundedLog(file, descriptor)("The first line.");
  closeSync(descriptor);
  expect(linesOf(file)).toEqual(["The first line."]);
  expect(existsSync(`${file}.1.new`)).toBe(false);
});
