import type { HyperdriveSpec } from "../../runtime/account-spec.ts";
import { originTlsOptions } from "../../runtime/origin-tls.ts";
import { ApiError } from "../envelope.ts";
import { HYPERDRIVE_ERROR } from "./errors.ts";

type Reason = keyof typeof HYPERDRIVE_ERROR;

const CONNECT_MS = 10_000;

/** What the vendor says of a failed trial, by the code of the system's or of PostgreSQL's error. */
const REASONS: Readonly<Record<string, Reason>> = {
  ENOTFOUND: "badHostname",
  EAI_AGAIN: "badHostname",
  ECONNREFUSED: "refused",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  ETIMEDOUT: "unreachable",
  "28P01": "badCredentials",
  "28000": "badCredentials",
  "3D000": "noDatabase",
};

const MESSAGES: Partial<Readonly<Record<Reason, string>>> = {
  badHostname: "Bad hostname.",
  refused: "Connection refused.",
  unreachable: "Cannot connect to the host:port.",
  noTls: "TLS (SSL) not supported by the database.",
  badCredentials: "Invalid database credentials.",
  noDatabase: "The specified database name does not exist.",
};

/**
 * Connects to the database as Hyperdrive will, and sends it an empty query. Refuses (400) with the
 * vendor's code when either fails; no message holds the password.
 * @see https://developers.cloudflare.com/hyperdrive/observability/troubleshooting/#configuration-errors
 */
export async function tryOrigin({
  origin,
  tls,
}: Pick<HyperdriveSpec, "origin" | "tls">): Promise<void> {
  const { Client } = await import("pg");
  const client = new Client({
    ...origin,
    ssl: originTlsOptions(origin, tls),
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: CONNECT_MS,
  });
  // A connection that breaks also tells its listeners; what counts is the failed call.
  client.on("error", () => undefined);
  try {
    await client.connect().catch((error: unknown) => {
      throw refusal(reasonOf(error), error);
    });
    await client.query(";").catch((error: unknown) => {
      throw refusal("queryFailed", error);
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

function reasonOf(error: unknown): Reason {
  if (!(error instanceof Error)) return "other";
  const code = "code" in error ? String(error.code) : "";
  if (/does not support SSL/.test(error.message)) return "noTls";
  if (/timeout expired/.test(error.message)) return "unreachable";
  return REASONS[code] ?? "other";
}

function refusal(reason: Reason, error: unknown): ApiError {
  const detail = error instanceof Error ? error.message : String(error);
  const told =
    reason === "queryFailed" ? `Test query failed: ${detail}.` : `Generic error: ${detail}.`;
  return new ApiError(400, HYPERDRIVE_ERROR[reason], MESSAGES[reason] ?? told);
}
