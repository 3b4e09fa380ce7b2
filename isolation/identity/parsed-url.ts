import { canonicalHost } from "./host.ts";
import { percentDecoded } from "./percent.ts";

/** One server that a URL names. */
export interface UrlHost {
  /** As it was written, percent-decoded, without the brackets of IPv6. */
  readonly host: string;
  readonly port: number | undefined;
}

/** A URL or a connection string, taken apart. */
export interface ParsedUrl {
  /** As it was written. */
  readonly text: string;
  /** Lower-case, without the colon, for example `postgresql+psycopg2`; never `jdbc`. */
  readonly scheme: string;
  /** Empty where none is named: a Unix socket, a file, a placeholder. */
  readonly hosts: readonly UrlHost[];
  /** Percent-decoded. */
  readonly user: string | undefined;
  /** Percent-decoded. */
  readonly password: string | undefined;
  /** Percent-encoded as written, with the leading slash; empty without one. */
  readonly path: string;
  /** Percent-decoded, in order, repeated names included. */
  readonly query: readonly (readonly [string, string])[];
}

const LARGEST_PORT = 65_535;

/** Takes `host`, `host:port`, `[address]:port` apart; undefined where the text is none of them. */
export function parseHost(text: string): UrlHost | undefined {
  const match = /^(\[[^\]]*\]|[^:[\]]+)(?::(\d{0,5}))?$/.exec(text);
  const host = percentDecoded(match?.[1] ?? "").replace(/^\[|\]$/g, "");
  if (canonicalHost(host) === undefined) return undefined;
  const port = match?.[2] === undefined || match[2] === "" ? undefined : Number(match[2]);
  return port === 0 || (port ?? 0) > LARGEST_PORT ? undefined : { host, port };
}
