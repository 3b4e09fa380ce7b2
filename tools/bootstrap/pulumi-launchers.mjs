import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LAUNCHERS } from "./pulumi-release.mjs";

/**
 * Writes the launch scripts that are missing. The official distribution has equal ones in shell,
 * which start Node twice: once to find the module, once to run it.
 * @param {string} folder
 * @param {readonly string[]} names Keys of LAUNCHERS.
 */
export function writeLaunchers(folder, names) {
  mkdirSync(folder, { recursive: true });
  for (const [name, module] of Object.entries(LAUNCHERS)) {
    if (!names.includes(name)) continue;
    writeFileSync(join(folder, name), launcher(module));
    chmodSync(join(folder, name), 0o755);
  }
}

/**
 * The engine starts the script in the folder of the program or of the policy pack, whose own
 * @pulumi/pulumi has to be used; a pack's folder is also the last argument.
 * @param {string} module
 * @returns {string}
 */
function launcher(module) {
  return `#!/usr/bin/env node
const { resolve } = require("node:path");
const folders = [process.cwd(), ...process.argv.slice(2).map((argument) => resolve(argument))];
let entry;
try {
  entry = require.resolve("${module}", { paths: folders });
} catch {
  process.stderr.write(
    "${module} was not found from " + process.cwd() + ". Run \`npm ci\` in the program's folder.\\n",
  );
  process.exit(1);
}
process.argv[1] = entry;
require(entry);
`;
}
