import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compareManifests } from "../isolation/compare/index.ts";
import { type Manifest, readManifest } from "../isolation/manifest/index.ts";

/*
 * `node bench/policy-compare.ts isolation|floor FOLDER`: compares the manifests in a folder, in a process
 * of its own so that its memory can be told, and prints what it found and took as JSON.
 */

const [, , way = "", folder = ""] = process.argv;

const paths = readdirSync(folder).map((name) => join(folder, name));

/** As `bulkhead check` does: every manifest is checked, and conflicts are told with their places. */
function byIsolation(): number {
  const sources = paths.map((path) => {
    const load = (): Manifest => {
      const read = readManifest(JSON.parse(readFileSync(path, "utf8")));
      if ("problem" in read) throw new Error(read.problem);
      return read.manifest;
    };
    return { stack: { project: "acme", stack: path }, load };
  });
  return compareManifests(sources).length;
}

/** The least that can answer the question: no checks, no places, a hash map each for the three kinds. */
function byFloor(): number {
  const owners = new Map<string, number>();
  const users: [string, number][] = [];
  const holders = new Map<string, number>();
  let conflicts = 0;
  const claim = (map: Map<string, number>, key: string, stack: number): void => {
    const known = map.get(key);
    if (known === undefined) map.set(key, stack);
    else if (known !== stack) conflicts += 1;
  };
  for (const [stack, path] of paths.entries()) {
    const { resources } = JSON.parse(readFileSync(path, "utf8")) as Manifest;
    for (const { claims = [], references = [], secrets = [] } of Object.values(resources)) {
      for (const identity of claims) claim(owners, identity, stack);
      for (const [identity] of references) users.push([identity, stack]);
      for (const { fingerprints } of secrets)
        for (const fingerprint of fingerprints) claim(holders, fingerprint, stack);
    }
  }
  const references = new Map<string, number>();
  for (const [identity, stack] of users) {
    const owner = owners.get(identity);
    if (owner === undefined) claim(references, identity, stack);
    else if (owner !== stack) conflicts += 1;
  }
  return conflicts;
}

const conflicts = way === "floor" ? byFloor() : byIsolation();
// maxRSS is in kilobytes.
const residentBytes = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ conflicts, residentBytes }));
