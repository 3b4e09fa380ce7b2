import type { Identity } from "../observation.ts";

/** What an identity of one kind means. */
export interface IdentityKind {
  /**
   * True: it keeps data, or reaches what keeps data. False: an address, an account, a name that
   * several may use with none of them seeing the others' data.
   */
  readonly stateful: boolean;
  /** For people, from what follows the colon: begins with an article, and has no full stop. */
  readonly describe: (rest: string) => string;
}

/** A thing with its name within an account. */
const within = (noun: string, rest: string): string => {
  const { head, tail } = split(rest, "/");
  return `the ${noun} ${tail} in account ${head}`;
};

const onThisMachine = (noun: string, rest: string): string | undefined => {
  const { head, tail } = split(rest, ":");
  if (head !== "loopback") return undefined;
  return tail === "" ? `a ${noun} on localhost` : `the ${noun} on port ${tail} of localhost`;
};

/** Every kind of identity, by what stands before the colon. */
export const IDENTITY_KINDS: Readonly<Record<string, IdentityKind>> = {
  account: {
    stateful: false,
    describe: (rest) => {
      const { head, tail } = split(rest, "/");
      return `the account ${tail} at ${VENDORS.get(head) ?? head}`;
    },
  },
  "ai-gateway": { stateful: true, describe: (rest) => within("AI gateway", rest) },
  "ai-search": { stateful: true, describe: (rest) => within("AI Search instance", rest) },
  analytics: { stateful: true, describe: (rest) => within("Analytics Engine dataset", rest) },
  arn: { stateful: true, describe: (rest) => `the resource arn:${rest}` },
  dispatch: { stateful: true, describe: (rest) => within("dispatch namespace", rest) },
  "dns-name": {
    stateful: false,
    describe: (rest) => {
      const { head, tail } = split(rest, "/");
      return `the DNS name ${tail} in zone ${head}`;
    },
  },
  gcs: { stateful: true, describe: (rest) => `the Google Cloud Storage bucket ${rest}` },
  host: {
    stateful: false,
    describe: (rest) => onThisMachine("HTTP service", rest) ?? `the host ${rest}`,
  },
  id: { stateful: true, describe: (rest) => `the resource with the id ${rest}` },
  pages: { stateful: true, describe: (rest) => within("Pages project", rest) },
  pipeline: { stateful: true, describe: (rest) => within("pipeline", rest) },
  "queue-name": { stateful: true, describe: (rest) => within("queue", rest) },
  r2: {
    stateful: true,
    describe: (rest) => {
      const [account = "", ...names] = rest.split("/");
      const where = names.length > 1 ? ` (jurisdiction ${names[0]})` : "";
      return `the R2 bucket ${names.at(-1) ?? ""}${where} in account ${account}`;
    },
  },
  resource: {
    stateful: true,
    describe: (rest) => {
      const match = /^(.*?:.*?:[^/]*)\/([^/]*)\/(.*)$/s.exec(rest);
      if (match === null) return `the resource ${rest}`;
      const [, type, scope, id] = match;
      return `the ${type} ${id}${scope === NO_SCOPE ? "" : ` in ${scope}`}`;
    },
  },
  route: { stateful: false, describe: (rest) => `the route ${rest}` },
  s3: { stateful: true, describe: (rest) => `the S3 bucket ${rest}` },
  "secret-store": {
    stateful: true,
    describe: (rest) => {
      const { head, tail } = split(rest, "/");
      return `the secret ${tail} in secrets store ${head}`;
    },
  },
  server: {
    stateful: true,
    describe: (rest) => onThisMachine("server", rest) ?? `the server ${rest}`,
  },
  spaces: {
    stateful: true,
    describe: (rest) => {
      const { head, tail } = split(rest, "/");
      return `the Spaces bucket ${tail} in region ${head}`;
    },
  },
  stack: { stateful: false, describe: (rest) => `the stack ${rest}` },
  vectorize: { stateful: true, describe: (rest) => within("Vectorize index", rest) },
  worker: { stateful: true, describe: (rest) => within("Worker", rest) },
  workflow: { stateful: true, describe: (rest) => within("workflow", rest) },
  zone: { stateful: false, describe: (rest) => `the DNS zone ${rest}` },
};

const VENDORS: ReadonlyMap<string, string> = new Map([
  ["aws", "AWS"],
  ["cloudflare", "Cloudflare"],
]);

/** Stands for the scope in `resource:<type>/<scope>/<id>` where none is known. */
export const NO_SCOPE = "-";

/** An identity for people, for example `the server db.example.com`. */
export function describeIdentity(identity: Identity): string {
  const { head, tail } = split(identity, ":");
  return IDENTITY_KINDS[head]?.describe(tail) ?? identity;
}

/** True for what keeps data, or reaches what keeps data. False for kinds that are not known. */
export function isStateful(identity: Identity): boolean {
  return IDENTITY_KINDS[split(identity, ":").head]?.stateful ?? false;
}

function split(text: string, separator: string): { readonly head: string; readonly tail: string } {
  const at = text.indexOf(separator);
  if (at === -1) return { head: text, tail: "" };
  return { head: text.slice(0, at), tail: text.slice(at + 1) };
}
