import { benchCloud } from "./cloud.ts";
import { benchDatabases } from "./databases.ts";
import { benchDrift } from "./drift.ts";
import { benchEngines } from "./engines.ts";
import { benchPolicy } from "./policy/index.ts";
import { benchStart } from "./start.ts";

/*
 * `npm run bench [-- NAME…]`: whole-process times, beside what a user would otherwise run. The numbers
 * hold for the machine that prints them; compare the ratios.
 */

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  cloud: benchCloud,
  databases: benchDatabases,
  drift: benchDrift,
  engines: benchEngines,
  policy: benchPolicy,
  start: benchStart,
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(
    `error: There is no benchmark ${unknown.join(", ")}. Choose from ${Object.keys(BENCHES).join(", ")}.`,
  );
  process.exitCode = 2;
} else {
  for (const name of names.length > 0 ? names : Object.keys(BENCHES)) await BENCHES[name]?.();
}
