/** What Pulumi has started for an estate, as the machine tells. Linux only. */
import { readdirSync, readFileSync } from "node:fs";

/** A process with its command line. */
export interface EngineProcess {
  readonly pid: number;
  readonly command: string;
}

/**
 * Pulumi and all that it has started for an estate, which are known by their environment: the
 * language host has a process group of its own.
 */
export const engineProcesses = (stateDir: string): EngineProcess[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const home = `\0PULUMI_HOME=${stateDir}/pulumi/home\0`;
      const ours = `\0${readProc(pid, "environ")}`.includes(home);
      const command = ours ? readProc(pid, "cmdline").replaceAll("\0", " ").trim() : "";
      // One that has ended, and is not yet collected, has no command line any more.
      return command === "" ? [] : [{ pid: Number(pid), command }];
    });

/** Empty for a process that has ended. */
function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
