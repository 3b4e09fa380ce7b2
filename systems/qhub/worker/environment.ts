/** What Pulumi binds to the qhub API Worker. */
export interface Bindings {
  /** D1 database with the schema of ../migrations. */
  readonly DB: D1Database;
  /** Workers AI. */
  readonly AI: Ai;
  /** Signs session tokens; at least {@link MIN_SECRET_LENGTH} characters. */
  readonly JWT_SECRET: string;
  /** The secret before the last rotation, only while its grace period runs. */
  readonly JWT_SECRET_PREVIOUS?: string;
  /** Name of the environment, for example `staging`. */
  readonly ENVIRONMENT: string;
}

/** The caller, once authenticated. */
export interface Principal {
  readonly userId: string;
  /** The session of the presented token; absent when the caller used an API key. */
  readonly sessionId?: string;
}

export interface AppEnv {
  Bindings: Bindings;
  Variables: { principal: Principal };
}

/** Characters. 64 of them from a 62-letter alphabet carry 381 bits. */
export const MIN_SECRET_LENGTH = 64;

/** One sentence for each setting without which the Worker must not serve; empty when all is well. */
export function configurationProblems(env: Partial<Bindings>): string[] {
  const problems: string[] = [];
  if (!env.ENVIRONMENT) {
    problems.push("ENVIRONMENT is not set.");
  }
  if ((env.JWT_SECRET ?? "").length < MIN_SECRET_LENGTH) {
    problems.push(`JWT_SECRET must have at least ${MIN_SECRET_LENGTH} characters.`);
  }
  const previous = env.JWT_SECRET_PREVIOUS;
  if (previous !== undefined && previous.length < MIN_SECRET_LENGTH) {
    problems.push(`JWT_SECRET_PREVIOUS must have at least ${MIN_SECRET_LENGTH} characters.`);
  }
  return problems;
}
