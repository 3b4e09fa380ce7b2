import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../support/temporary-folder.ts";

interface Listed {
  readonly name: string;
  readonly lastUpdate?: string;
  readonly updateInProgress?: boolean;
  readonly resourceCount?: number;
}

/** A stand-in that answers as a Pulumi with some fault would; what works is tried with the real one. */
export function scriptedPulumi(backendUrl = "https://api.example.com") {
  const folder = temporaryFolder();
  const pulumi = join(folder, "pulumi");
  const calls = join(folder, "calls");
  const states = join(folder, "states");
  mkdirSync(states);
  writeFileSync(
    pulumi,
    `#!/bin/sh
cd '${folder}'
echo "$*" >> calls
case "$1 $2" in
  "stack ls") file=list.json ;;
  "stack export") file="states/$(echo "$4" | tr / _).json" ;;
  "whoami --json") file=whoami.json ;;
esac
[ -e "$file" ] && exec cat "$file"
echo "error: $(cat "$file.error" 2>/dev/null || echo "no such answer: $*")" >&2
exit 255
`,
  );
  chmodSync(pulumi, 0o755);
  writeFileSync(join(folder, "whoami.json"), JSON.stringify({ url: backendUrl }));
  const stateFile = (reference: string) => join(states, `${reference.replaceAll("/", "_")}.json`);
  return {
    pulumi,
    env: { PATH: "/usr/bin:/bin", PULUMI_BACKEND_URL: backendUrl },
    folder,
    cache: join(folder, "cache"),
    list: (stacks: readonly Listed[]) =>
      writeFileSync(join(folder, "list.json"), JSON.stringify(stacks)),
    failList: (message: string) => {
      rmSync(join(folder, "list.json"), { force: true });
      writeFileSync(join(folder, "list.json.error"), message);
    },
    export: (reference: string, state: unknown) =>
      writeFileSync(
        stateFile(reference),
        typeof state === "string" ? state : JSON.stringify(state),
      ),
    failExport: (reference: string, message: string) => {
      rmSync(stateFile(reference), { force: true });
      writeFileSync(`${stateFile(reference)}.error`, message);
    },
    /** What it was asked since the last time, without its flags. */
    calls: (): string[] => {
      if (!existsSync(calls)) return [];
      const lines = readFileSync(calls, "utf8").trim().split("\n");
      rmSync(calls);
      return lines.map((line) => line.replace(/ --non-interactive.*$/, ""));
    },
  };
}
