import type { CloudInfo, EnvironmentCredentials } from "../../local/daemon.ts";
import type { Engine } from "../engine/pulumi.ts";
import type { LocalFacts } from "../environment.ts";
import type { CloudChoice } from "./kind.ts";

/** A cloud and a Pulumi that are ready to work on some stacks. */
export interface Session {
  readonly choice: CloudChoice;
  readonly engine: Engine;
  /** The running local cloud; undefined for the vendor. */
  readonly local?: LocalSession;
  /** One line that says which cloud, account and backend a stack's command will use. */
  describe(stack: string): string;
}

/** What only the local cloud has. */
export interface LocalSession {
  readonly info: CloudInfo;
  readonly facts: LocalFacts;
  readonly credentials: Readonly<Record<string, EnvironmentCredentials>>;
}
