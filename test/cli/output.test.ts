import { PassThrough } from "node:stream";
import type { WriteStream } from "node:tty";
import { expect, test } from "vitest";
import { flatten } from "../../cli/commands/outputs.ts";
import { currentOutputs } from "../../cli/commands/wrangler.ts";
import { createOutput, renderTable } from "../../cli/output/output.ts";
import { closingRows } from "../../cli/start/closing-table.ts";

const ESCAPE = "\u001b";

/** A stream that is no terminal, as the command line sees a pipe. */
function pipe(): { stream: WriteStream; text: () => string } {
  const stream = new PassThrough();
  return { stream: stream as unknown as WriteStream, text: () => String(stream.read() ?? "") };
}

test("results go to standard output and progress to standard error, without colour in a pipe", () => {
  const [stdout, stderr] = [pipe(), pipe()];
  const out = createOutput(stdout.stream, stderr.stream);
  out.progress("working");
  out.warning("careful");
  out.result(out.paint("good", "PASS"));
  out.table(["A"], [["b"]]);
  const [result, progress] = [stdout.text(), stderr.text()];
  expect(progress).toBe("working\nwarning: careful\n");
  expect(result).toMatch(/^PASS\n/);
  expect(result + progress).not.toContain(ESCAPE);
  expect(out.interactive).toBe(false);
});

test("a reader that has left is no error, and anything else about the stream is one", () => {
  const [stdout, stderr] = [pipe(), pipe()];
  createOutput(stdout.stream, stderr.stream);
  const failure = (code: string) => Object.assign(new Error(code), { code });
  for (const { stream } of [stdout, stderr]) {
    expect(() => stream.emit("error", failure("EPIPE"))).not.toThrow();
    expect(() => stream.emit("error", failure("EIO"))).toThrow("EIO");
  }
});

test("a stack of an older program does not keep wrangler from the others", () => {
  const dev = { environment: "dev", tier: "development", cloudflareAccountId: "a", systems: {} };
  const warnings: string[] = [];
  const exported = [
    ["dev", dev],
    ["old", { environment: "old" }],
    ["new", {}],
  ] as const;
  expect(currentOutputs(exported, (line) => warnings.push(line))).toEqual({ dev });
  expect(warnings).toEqual([expect.stringMatching(/^old is left out\. The outputs of old lack/)]);
});

test("a table holds its texts and no colour of its own", () => {
  const text = renderTable(["System"], [["qhub"], ["cutty\nsecond line"]]);
  for (const part of ["System", "qhub", "cutty", "second line"]) expect(text).toContain(part);
  expect(text).not.toContain(ESCAPE);
});

test("nested outputs become one row for each leaf", () => {
  expect(flatten({ a: 1, b: { c: "x", d: [true, null] }, e: {} })).toEqual([
    ["a", "1"],
    ["b.c", "x"],
    ["b.d.0", "true"],
    ["b.d.1", "null"],
  ]);
});

test("the closing table says of a secret whether it is set, and of nothing more than that it is absent", () => {
  const system = (set: boolean) => ({
    urls: { api: "https://q.s.workers.dev" },
    workers: {},
    databases: { main: { name: "qhub-dev", id: "1234" } },
    buckets: {},
    kvNamespaces: {},
    postgres: set ? {} : { main: { vendor: "aws", host: "db.example.com", port: 5432 } },
    redis: {},
    secrets: { JWT_SECRET: { set, length: 64, version: 2, previousAvailable: false } },
  });
  const estate = (environment: string, set: boolean) => ({
    environment,
    tier: "development",
    cloudflareAccountId: "a",
    systems: { qhub: system(set) },
  });
  expect(
    closingRows([estate("dev", true), estate("staging", false)], "http://127.0.0.1:7380"),
  ).toEqual([
    [
      "qhub",
      "dev",
      "http://q.s.localhost:7380",
      "qhub-dev\n1234",
      "-",
      "JWT_SECRET set, 64 characters, version 2",
    ],
    [
      "qhub",
      "staging",
      "http://q.s.localhost:7380",
      "qhub-dev\n1234\npostgres (aws)\ndb.example.com:5432",
      "-",
      "JWT_SECRET NOT SET",
    ],
  ]);
});
