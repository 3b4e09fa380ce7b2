import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What the running cloud writes about itself; readable by the owner only, since it holds the token. */
export interface CloudRecord {
  readonly pid: number;
  readonly apiUrl: string;
  readonly s3Url: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly adminToken: string;
}

/** The files of the local cloud in a state folder. */
export function cloudPaths(stateDir: string) {
  const dataDir = join(stateDir, "local");
  return {
    dataDir,
    record: join(dataDir, "cloud.json"),
    logFile: join(dataDir, "cloud.log"),
    /** Held while the cloud is started or emptied and while credentials are issued; outlives a reset. */
    lock: join(stateDir, "cloud.lock"),
    /** One file an environment, so that two runs never write the same one. */
    credentialsDir: join(stateDir, "credentials"),
  };
}

/** What the cloud that ran last has written; undefined when none has run. */
export function readRecord(stateDir: string): CloudRecord | undefined {
  try {
    return JSON.parse(readFileSync(cloudPaths(stateDir).record, "utf8")) as CloudRecord;
  } catch {
    return undefined;
  }
}
