#!/usr/bin/env node
// Starts the command line. Its TypeScript needs a newer Node than many, which the project brings as a package;
// this file has to run on whatever Node the user has.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { OLDEST_RUNTIME_TEXT, runsTypeScript } from "../tools/bootstrap/runtime.mjs";

/** @param {string} relative */
const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const bundled = path("../node_modules/.bin/node");

if (!existsSync(path("../node_modules"))) {
  process.stderr.write(
    "error: The npm packages are not installed. Run `npm start`, or `node tools/bootstrap.mjs`.\n",
  );
  process.exitCode = 1;
} else if (runsTypeScript(process.versions.node)) {
  await import("../cli/main.ts");
} else if (existsSync(bundled)) {
  // The child shares the terminal, so it gets Ctrl-C itself; this process only waits for it.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
  const result = spawnSync(bundled, [path("../cli/main.ts"), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  process.exitCode = result.status ?? 1;
} else {
  process.stderr.write(
    `error: Node.js ${process.versions.node} is too old: ${OLDEST_RUNTIME_TEXT} or newer is needed. Run \`npm ci\`, which brings one, or \`nvm install 22\`.\n`,
  );
  process.exitCode = 1;
}
