import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createFingerprinter } from "../../isolation/secrets/index.ts";

const PROGRAM = fileURLToPath(
  new URL("../../node_modules/fast-xml-parser/lib/fxp.min.js", import.meta.url),
);
const LENGTH = 300_000;
const RUNS = 5;

/** The fingerprints of a Worker's program: everything in it that could be a secret. */
export function benchReading(): void {
  const source = readFileSync(PROGRAM, "utf8");
  const program = source.repeat(Math.ceil(LENGTH / source.length)).slice(0, LENGTH);
  const milliseconds = Array.from({ length: RUNS }, () => {
    const { text } = createFingerprinter(randomBytes(24).toString("base64url"));
    const started = performance.now();
    text(program);
    return Math.round(performance.now() - started);
  });
  console.log(
    `Fingerprints of a minified program of 300 kB: ${milliseconds.join(", ")} ms, the first one cold.`,
  );
}
