import { stringify } from "yaml";
import { createAuthority, issueCertificate } from "../../../local/engines/certificates.ts";
import type { KeyPair } from "../../../local/engines/engines.ts";

export const SCRIPT = "/usr/local/sbin/bulkhead-postgres-setup";
export const CONF = "/etc/postgresql/17/main/conf.d/bulkhead.conf";
export const HBA = "/etc/postgresql/17/main/pg_hba.conf";
export const SQL = "/etc/bulkhead/setup.sql";
export const DEVICE = "/dev/disk/by-id/scsi-0DO_Volume_";

/** A certificate authority of a droplet's owner, and a server certificate that it has signed. */
export interface OwnCertificate extends KeyPair {
  readonly authority: string;
}

/** The name that the certificate is for; clients check it, whatever the address. */
export const SERVER_NAME = "db.bulkhead.example";

export async function ownCertificate(): Promise<OwnCertificate> {
  const authority = await createAuthority("Owner of a droplet");
  const pair = await issueCertificate(authority, [SERVER_NAME]);
  return { ...pair, authority: authority.certificate };
}

export interface ServerOptions {
  readonly certificate: KeyPair;
  readonly sql?: string;
  readonly hba?: string;
  /** Lines beside those that are always needed. */
  readonly conf?: string;
  /** Name of the volume that is mounted. */
  readonly volume?: string;
  /** Keys of the cloud-config that are added or take another one's place. */
  readonly more?: Readonly<Record<string, unknown>>;
  /** Fields of the files at these paths that are other than usual. */
  readonly files?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** The cloud-config of a droplet with a PostgreSQL server. */
export const serverConfig = (options: ServerOptions) => ({
  package_update: true,
  package_upgrade: true,
  packages: ["postgresql-17", "unattended-upgrades"],
  ...(options.volume === undefined
    ? {}
    : {
        fs_setup: [{ device: DEVICE + options.volume, filesystem: "ext4", partition: "none" }],
        mounts: [
          [DEVICE + options.volume, "/mnt/data", "ext4", "defaults,nofail,discard", "0", "2"],
        ],
      }),
  write_files: [
    file(SCRIPT, "#!/bin/sh\nexit 1\n", "0755", options),
    file(CONF, `${CONF_LINES}${options.conf ?? ""}`, "0644", options),
    file(HBA, options.hba ?? "hostssl all all 0.0.0.0/0 scram-sha-256\n", "0640", options),
    file("/etc/bulkhead/tls/server.crt", options.certificate.certificate, "0644", options),
    file("/etc/bulkhead/tls/server.key", options.certificate.privateKey, "0600", options),
    file(SQL, options.sql ?? "", "0600", options),
  ],
  runcmd: [SCRIPT],
  ...options.more,
});

export const cloudConfig = (config: unknown): string => `#cloud-config\n${stringify(config)}`;

export const serverUserData = (options: ServerOptions): string =>
  cloudConfig(serverConfig(options));

const CONF_LINES = `listen_addresses = '*'
port = 5432
ssl = on
ssl_cert_file = '/etc/bulkhead/tls/server.crt'
ssl_key_file = '/etc/bulkhead/tls/server.key'
max_connections = 20
`;

const file = (path: string, content: string, permissions: string, { files }: ServerOptions) => ({
  path,
  content,
  permissions,
  owner: "postgres:postgres",
  defer: true,
  ...files?.[path],
});
