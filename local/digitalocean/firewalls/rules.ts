import { isIPv6 } from "node:net";
import { z } from "zod";
import { parseRange } from "../../ipv4.ts";
import type { InboundRule, OutboundRule, Peers } from "./records.ts";

const MAX_PORT = 65_535;

const ports = z
  .string()
  .transform((given) => (given === "all" || given === "" ? "0" : given))
  .refine(isPorts, "must be a port, a range like 8000-9000, or all");

const none = (what: string) =>
  z.array(z.never(), `names ${what}, which the local cloud does not have`).nullish();

const peers = z
  .strictObject({
    addresses: z.array(z.string().refine(isAddress, "must be an address or a CIDR")).nullish(),
    droplet_ids: z.array(z.number().int()).nullish(),
    tags: z.array(z.string()).nullish(),
    load_balancer_uids: none("load balancers"),
    kubernetes_ids: none("Kubernetes clusters"),
  })
  .transform(({ addresses, droplet_ids, tags }): Peers => {
    // What is empty is left out, as in the vendor's answers.
    const some = <T>(list: readonly T[] | null | undefined) => (list?.length ? list : undefined);
    return { addresses: some(addresses), droplet_ids: some(droplet_ids), tags: some(tags) };
  })
  .refine((given) => Object.values(given).some(Boolean), "must name addresses, droplets or tags");

const rule = { protocol: z.enum(["tcp", "udp", "icmp"]), ports: ports.default("0") };

/** A rule for what comes to the droplets. */
export const inboundRule = z.strictObject({ ...rule, sources: peers });
/** A rule for what the droplets reach. */
export const outboundRule = z.strictObject({ ...rule, destinations: peers });

/** All rules of a list but those of another; rules are the same when they say the same. */
export function without<R extends InboundRule | OutboundRule>(
  rules: readonly R[],
  removed: readonly R[],
): R[] {
  const texts = new Set(removed.map((one) => JSON.stringify(one)));
  return rules.filter((one) => !texts.has(JSON.stringify(one)));
}

function isPorts(text: string): boolean {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (match === null) return false;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return first <= last && last <= MAX_PORT && (first > 0 || match[2] === undefined);
}

function isAddress(text: string): boolean {
  const [host = "", bits = "128", ...rest] = text.split("/");
  if (!isIPv6(host)) return parseRange(text) !== undefined;
  return rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= 128;
}
