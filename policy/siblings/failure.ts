/** What can go wrong with reading a backend, in words. */

/** Why something of the backend could not be read: what and remedy, two sentences without a secret. */
export class BackendError extends Error {
  override readonly name = "BackendError";
  /** Whether a second attempt may succeed. */
  readonly passing: boolean;

  constructor(message: string, passing = false) {
    super(message);
    this.passing = passing;
  }
}

/** How a command ended. */
export interface Failure {
  readonly pulumi: string;
  readonly timeoutMs: number;
  readonly timedOut: boolean;
  /** Of the operating system, when the program could not be started: `ENOENT`. */
  readonly code: string | undefined;
  readonly exitCode: number | undefined;
  readonly stderr: string;
}

/** Pulumi's own words for failures that an attempt at once will not end, and what does. */
const KNOWN: readonly { readonly words: RegExp; readonly what: string; readonly remedy: string }[] =
  [
    {
      words: /PULUMI_ACCESS_TOKEN must be set|not logged in|please run `?pulumi login/i,
      what: "Pulumi is not logged in to a backend",
      remedy: "Run `pulumi login`, or set PULUMI_BACKEND_URL or PULUMI_ACCESS_TOKEN",
    },
    {
      words: /invalid access token|\b401\b|unauthorized/i,
      what: "The Pulumi backend refused the access token",
      remedy: "Run `pulumi login` again, or give PULUMI_ACCESS_TOKEN a valid token",
    },
    {
      words: /\b403\b|forbidden|access ?denied/i,
      what: "The Pulumi backend refused access",
      remedy: "Give the user or token the right to read every stack of the project",
    },
    {
      words: /incorrect passphrase|passphrase must be set/i,
      what: "Pulumi was given no passphrase, or another one than that of the stack's secrets",
      remedy: "Set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to the stack's own",
    },
    {
      words: /no stack named/,
      what: "The stack was removed while it was being read",
      remedy: "Run the command again",
    },
  ];

/** What to do about one stack's state that Pulumi cannot read; the others are read all the same. */
const OF_A_STATE: readonly { readonly words: RegExp; readonly remedy: string }[] = [
  {
    words: /unsupported checkpoint version|newer than what is supported/i,
    remedy:
      "A newer Pulumi has written the stack's state: read it with that one, or update this Pulumi",
  },
  {
    words: /failed to load checkpoint|unexpected end of JSON|invalid character/i,
    remedy:
      "The stack's state is damaged: restore it from the backend's own backups (of a folder: .pulumi/backups, and the .bak file beside the state)",
  },
];

const OTHERWISE = "Try the same command in this shell; when it works there, run this again";

/** Characters of Pulumi's message that are worth showing. */
const MAX_MESSAGE = 200;

/** @param command as a user would type it. */
export function describeFailure(command: string, failure: Failure): BackendError {
  const { pulumi, timeoutMs, timedOut, code, exitCode, stderr } = failure;
  if (timedOut) {
    return new BackendError(
      `\`${command}\` did not answer within ${timeoutMs / 1000} s and was ended. Check the connection to the backend, then run the command again.`,
    );
  }
  if (exitCode === undefined && code !== undefined && code.startsWith("E")) {
    return new BackendError(
      `Pulumi cannot be started as "${pulumi}" (${code}). Install it, or run \`npx bulkhead doctor\`.`,
    );
  }
  const known = KNOWN.find(({ words }) => words.test(stderr));
  if (known !== undefined) return new BackendError(`${known.what}. ${known.remedy}.`);
  const reason = firstError(stderr) || `it ended with exit code ${exitCode ?? "unknown"}`;
  const remedy = OF_A_STATE.find(({ words }) => words.test(stderr))?.remedy ?? OTHERWISE;
  return new BackendError(`\`${command}\` failed: ${reason}. ${remedy}.`, true);
}

/** The first error that Pulumi printed, without what a URL in it may carry of credentials. */
function firstError(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim());
  const error = lines.find((line) => line.startsWith("error:")) ?? lines.find(Boolean) ?? "";
  return withoutCredentials(error.replace(/^error:\s*/, ""))
    .slice(0, MAX_MESSAGE)
    .replace(/[\s.:]+$/, "");
}

/** Removes user, password and query of every URL in a text. */
export const withoutCredentials = (text: string): string =>
  text
    .replace(/(\w:\/\/)[^\s/"'@]*(?:@[^\s/"'@]*)*@/g, "$1")
    .replace(/(\w:\/\/[^\s"'?]*)\?[^\s"':]*/g, "$1");
