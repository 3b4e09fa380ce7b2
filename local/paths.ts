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
    startLock: join(dataDir, "start.lock"),
    logFile: join(dataDir, "cloud.log"),
    /** One file an environment, so that two runs never write the same one. */
    credentialsDir: join(stateDir, "credentials"),
  };
}
