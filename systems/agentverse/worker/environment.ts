/** What Pulumi binds to both Workers. */
export interface DataBindings {
  readonly DB: Hyperdrive;
  /** `rediss://…` */
  readonly REDIS_URL: string;
  /** Every key of this environment begins so. */
  readonly REDIS_KEY_PREFIX: string;
  /** Name of the environment, for example `staging`. */
  readonly ENVIRONMENT: string;
}

/** What Pulumi binds to the API Worker (A14). */
export interface ApiBindings extends DataBindings {
  readonly DATABASE_HOST: string;
  readonly STORAGE_BUCKET_NAME: string;
  readonly STORAGE_ENDPOINT: string;
  readonly STORAGE_REGION: string;
  readonly STORAGE_ACCESS_KEY_ID: string;
  readonly STORAGE_SECRET_ACCESS_KEY: string;
  /** At least {@link MIN_SECRET_LENGTH} characters. */
  readonly SECRET_KEY: string;
}

/** Characters. 64 of them from a 62-letter alphabet carry 381 bits. */
const MIN_SECRET_LENGTH = 64;

const REQUIRED = [
  "DATABASE_HOST",
  "ENVIRONMENT",
  "REDIS_KEY_PREFIX",
  "REDIS_URL",
  "STORAGE_ACCESS_KEY_ID",
  "STORAGE_BUCKET_NAME",
  "STORAGE_ENDPOINT",
  "STORAGE_REGION",
  "STORAGE_SECRET_ACCESS_KEY",
] as const;

/** One sentence for each setting without which the Worker must not serve; empty when all is well. */
export function configurationProblems(env: Partial<ApiBindings>): string[] {
  const problems = REQUIRED.filter((name) => !env[name]).map((name) => `${name} is not set.`);
  if ((env.SECRET_KEY ?? "").length < MIN_SECRET_LENGTH) {
    problems.push(`SECRET_KEY has fewer than ${MIN_SECRET_LENGTH} characters.`);
  }
  return problems;
}
