// `node tools/complete-lockfile.mjs`, after `npm install`: adds the entries of other platforms'
// optional packages to package-lock.json. npm leaves them out when its registry is a mirror that
// does not have them, and `npm ci` then refuses the file on every machine.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { missingPlatformPackages } from "./lockfile/platform-packages.mjs";

const file = fileURLToPath(new URL("../package-lock.json", import.meta.url));
const lock = JSON.parse(readFileSync(file, "utf8"));
const missing = missingPlatformPackages(lock.packages);
for (const [path, entry] of Object.entries(missing)) lock.packages[path] = entry;
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en")),
);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${Object.keys(missing).length} entries added to package-lock.json.\n`);
