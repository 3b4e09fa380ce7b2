/** By which authorities a stack's servers are verified. */
import { rootCertificates } from "node:tls";
import type { ResourceFact } from "../../isolation/facts.ts";
import type { Login, Trust } from "../logins/login.ts";
import { textAt } from "./facts.ts";
import type { ProbeInput } from "./probe.ts";
import { TYPES } from "./stack-logins.ts";

const MODES = ["require", "verify-ca", "verify-full"] as const;

/**
 * How each server's certificate is verified: as the stack's database on it declares; else by the
 * authority that DigitalOcean tells for its cluster, or the public ones together with those of the
 * stack's other servers. A password is never sent to a server that nobody vouches for.
 *
 * @param resources of the stack, with their secrets.
 */
export async function trustOf(
  { accounts }: Pick<ProbeInput, "accounts">,
  resources: readonly ResourceFact[],
): Promise<(login: Login) => Promise<Trust>> {
  const declared = new Map<string, Trust>();
  for (const { inputs } of resources.filter(({ type }) => type === TYPES.database)) {
    const mode = MODES.find((each) => each === textAt(inputs, "server", "sslMode"));
    const host = textAt(inputs, "server", "host");
    const authorities = textAt(inputs, "server", "caCertificate");
    if (host !== undefined && mode !== undefined) declared.set(host, { mode, authorities });
  }
  const known = [...declared.values()].flatMap(({ authorities }) => authorities ?? []);
  const clusters = resources.filter(({ type }) => type === TYPES.cluster);
  return async ({ host }) => {
    const trust = declared.get(host);
    if (trust !== undefined) return trust;
    const cluster = clusters.find(({ outputs }) => textAt(outputs, "host") === host);
    const { digitalocean } = cluster === undefined ? {} : await accounts();
    if (cluster?.id !== undefined && digitalocean !== undefined) {
      const path = `/databases/${cluster.id}/ca`;
      const { ca } = await digitalocean.api.get<{ ca: { certificate: string } }>(path);
      const authorities = Buffer.from(ca.certificate, "base64").toString("utf8");
      return { mode: "verify-full", authorities };
    }
    return { mode: "verify-full", authorities: [...rootCertificates, ...known].join("\n") };
  };
}
