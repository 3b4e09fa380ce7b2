import { createHash } from "node:crypto";
import type { CertificateFiles } from "../certificates.ts";
import type { ValkeySpec } from "../engines.ts";

/** The engine's own user, with all rights. */
export const ADMINISTRATOR = "bulkhead-engine";

/**
 * The server's settings. With `everysec` an acknowledged write is in the system's hands at once, so that
 * it survives the end of the process; the end of the machine may cost the last second.
 */
const OWN_SETTINGS = {
  appendonly: "yes",
  appendfsync: "everysec",
  // The log of writes is enough; snapshots would cost a fork each.
  save: '""',
  // Its environment, by which a killed cloud's servers are known, must stay readable.
  "set-proc-title": "no",
  daemonize: "no",
  loglevel: "warning",
  "always-show-logo": "no",
  databases: "16",
  maxclients: "1000",
} as const;

/** The text of the configuration file. */
export function valkeyConfiguration(
  { endpoint, settings = {} }: ValkeySpec,
  files: CertificateFiles & { readonly dataFolder: string; readonly usersFile: string },
): string {
  const own: Record<string, string> = {
    bind: endpoint.host,
    port: "0",
    "tls-port": String(endpoint.port),
    "tls-cert-file": quoted(files.certificateFile),
    "tls-key-file": quoted(files.keyFile),
    "tls-ca-cert-file": quoted(files.authorityFile),
    "tls-auth-clients": "no",
    "tls-protocols": '"TLSv1.2 TLSv1.3"',
    dir: quoted(files.dataFolder),
    aclfile: quoted(files.usersFile),
  };
  const all = { ...OWN_SETTINGS, ...mapValues(settings, quoted), ...own };
  return lines(Object.entries(all).map(([name, value]) => `${settingName(name)} ${value}`));
}

/** The text of the ACL file; passwords are in it as SHA-256. */
export function usersFile({ users }: ValkeySpec, administratorPassword: string): string {
  const others = users.map(({ name, password, rules }) =>
    ["user", word(name), `#${sha256(password)}`, "on", ...rules.map(word)].join(" "),
  );
  const hasDefault = users.some(({ name }) => name === "default");
  return lines([
    `user ${ADMINISTRATOR} on #${sha256(administratorPassword)} ~* &* +@all`,
    ...(hasDefault ? [] : ["user default off"]),
    ...others,
  ]);
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const lines = (all: readonly string[]): string => all.map((each) => `${each}\n`).join("");

const mapValues = (
  values: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));

function word(text: string): string {
  if (text === "" || /[\s\0]/.test(text)) {
    throw new Error(`"${text}" cannot stand in an ACL. Write a user or a rule without spaces.`);
  }
  return text;
}

function settingName(name: string): string {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) {
    throw new Error(`"${name}" is no setting. Use lower-case letters, digits and hyphens.`);
  }
  return name;
}

function quoted(value: string): string {
  if (/[\0\r\n]/.test(value))
    throw new Error("A setting's value has a line break. Write one line.");
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
