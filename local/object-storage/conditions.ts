/** What the conditions of a request are compared with; undefined when there is no such object. */
export interface Present {
  /** Without quotes. */
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** `modified`: go on. The others are answered with 304 and 412. */
export type Verdict =
  | { readonly kind: "go on" }
  | { readonly kind: "not modified" }
  | { readonly kind: "failed"; readonly condition: string };

const GO_ON: Verdict = { kind: "go on" };

/** The condition headers: the request's own, or those that begin with `x-amz-copy-source-`. */
export type Prefix = "" | "x-amz-copy-source-";

/**
 * The conditions of a read, which entity tags decide before times do.
 * @see https://datatracker.ietf.org/doc/html/rfc9110#section-13.2.2
 */
export function readVerdict(headers: Headers, present: Present, prefix: Prefix = ""): Verdict {
  const header = (name: string) => headers.get(prefix + name);
  const failed = (condition: string): Verdict => ({ kind: "failed", condition });

  const match = header("if-match");
  const unmodifiedSince = timeOf(header("if-unmodified-since"));
  if (match !== null && !includesTag(match, present.etag)) return failed("If-Match");
  if (match === null && unmodifiedSince !== undefined && seconds(present) > unmodifiedSince) {
    return failed("If-Unmodified-Since");
  }

  const noneMatch = header("if-none-match");
  const modifiedSince = timeOf(header("if-modified-since"));
  const isUnchanged =
    noneMatch !== null
      ? includesTag(noneMatch, present.etag)
      : modifiedSince !== undefined && seconds(present) <= modifiedSince;
  if (!isUnchanged) return GO_ON;
  if (prefix === "") return { kind: "not modified" };
  return failed(noneMatch === null ? "If-Modified-Since" : "If-None-Match");
}

/** The conditions of a write; a missing object fails `If-Match` in its own way, which is the caller's to tell. */
export function writeVerdict(headers: Headers, present: Present | undefined): Verdict {
  const match = headers.get("if-match");
  if (match !== null && (present === undefined || !includesTag(match, present.etag))) {
    return { kind: "failed", condition: "If-Match" };
  }
  const noneMatch = headers.get("if-none-match");
  if (noneMatch !== null && present !== undefined && includesTag(noneMatch, present.etag)) {
    return { kind: "failed", condition: "If-None-Match" };
  }
  return GO_ON;
}

/** Whether a list of entity tags, or `*`, includes this one. */
export const includesTag = (list: string, etag: string): boolean =>
  list
    .split(",")
    .map((tag) =>
      tag
        .trim()
        .replace(/^W\//, "")
        .replace(/^"(.*)"$/, "$1"),
    )
    .some((tag) => tag === "*" || tag === etag);

/** Times of headers have no fractions of seconds. */
const seconds = ({ modified }: Present): number => Math.floor(modified / 1000) * 1000;

/** A time that is none is no condition. */
function timeOf(text: string | null): number | undefined {
  const time = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
