import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { cloudPaths } from "./paths.ts";

const credentialsSchema = z.object({
  environment: z.string(),
  accountId: z.string(),
  apiToken: z.string(),
  tokenId: z.string(),
  workersSubdomain: z.string(),
  zoneId: z.string(),
  domain: z.string(),
  digitalocean: z.object({
    accountId: z.string(),
    apiToken: z.string(),
    spacesKeyId: z.string(),
    spacesSecret: z.string(),
  }),
  aws: z.object({
    accountId: z.string(),
    accessKeyId: z.string(),
    secretAccessKey: z.string(),
    region: z.string(),
    databaseAuthority: z.string(),
  }),
});

/** How to reach one environment's accounts on the local cloud. */
export type EnvironmentCredentials = z.infer<typeof credentialsSchema>;

/** The credentials of every environment that was opened, by environment. */
export function readCredentials(stateDir: string): Record<string, EnvironmentCredentials> {
  const { credentialsDir } = cloudPaths(stateDir);
  const found: Record<string, EnvironmentCredentials> = {};
  for (const file of listJson(credentialsDir)) {
    const parsed = credentialsSchema.safeParse(
      JSON.parse(readFileSync(join(credentialsDir, file), "utf8")),
    );
    if (parsed.success) found[parsed.data.environment] = parsed.data;
  }
  return found;
}

/** Keeps credentials in a file that its owner alone can read. */
export function writeCredentials(stateDir: string, credentials: EnvironmentCredentials): void {
  const { credentialsDir } = cloudPaths(stateDir);
  mkdirSync(credentialsDir, { recursive: true, mode: 0o700 });
  const file = join(credentialsDir, `${credentials.environment}.json`);
  write(
    databaseAuthorityFile(stateDir, credentials.environment),
    credentials.aws.databaseAuthority,
  );
  // Last: an environment counts as opened once this file is there.
  write(file, JSON.stringify(credentials, null, 2));
}

/** The file with the authority of the environment's databases at AWS, PEM, for clients that take a file. */
export const databaseAuthorityFile = (stateDir: string, environment: string): string =>
  join(cloudPaths(stateDir).credentialsDir, `${environment}.aws-database-ca.pem`);

function write(file: string, text: string): void {
  writeFileSync(`${file}.${process.pid}`, text, { mode: 0o600 });
  renameSync(`${file}.${process.pid}`, file);
}

function listJson(folder: string): string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith(".json"));
  } catch {
    return [];
  }
}
