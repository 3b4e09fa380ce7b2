import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import type { DatabaseOrigin, OriginTls } from "./account-spec.ts";

/**
 * How TLS to a database is opened, in the words of Node.js; the same for a trial and for a Worker's
 * connection.
 */
export function originTlsOptions(
  { host }: Pick<DatabaseOrigin, "host">,
  { mode, authorities, client }: OriginTls,
): ConnectionOptions {
  return {
    host,
    // Addresses are no server names (RFC 6066, section 3); the certificate is compared with `host`.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    rejectUnauthorized: mode !== "require",
    ...(authorities === undefined ? {} : { ca: authorities }),
    ...(mode === "verify-ca" ? { checkServerIdentity: () => undefined } : {}),
    ...(client === undefined ? {} : { cert: client.certificates, key: client.privateKey }),
  };
}
