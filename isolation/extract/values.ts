import { parseHost } from "../identity/parsed-url.ts";
import { httpIdentity, serverIdentity } from "../identity/server.ts";
import { parseUrl } from "../identity/url.ts";
import type { Identify } from "./table.ts";

/** Types of DNS records that lead a name to a host. */
const HOST_RECORDS: ReadonlySet<string> = new Set(["A", "AAAA", "CNAME"]);

export const isHostRecord = (type: string | undefined): boolean =>
  type !== undefined && HOST_RECORDS.has(type.toUpperCase());

/** A server by its host, with or without the port; else the port beside it counts. */
export const server: Identify = (text, { beside }) => {
  const host = parseHost(text) ?? { host: text, port: undefined };
  const port = host.port ?? (Number(beside("port")) || undefined);
  return serverIdentity(host.host, { port, scheme: beside("scheme") });
};

/** The service behind HTTP that a URL leads to. */
export const urlHost: Identify = (text) => {
  const url = parseUrl(text);
  const host = url?.hosts[0];
  return host === undefined
    ? undefined
    : httpIdentity(host.host, { port: host.port, scheme: url?.scheme });
};
