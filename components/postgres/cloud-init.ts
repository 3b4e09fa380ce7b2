import { stringify } from "yaml";

/** What a machine needs to become a PostgreSQL server at its first start. */
export interface ServerMachine {
  /** Major version, such as `17`; the image's distribution must have it. */
  readonly version: string;
  readonly port: number;
  /** Name of the volume that holds the data. */
  readonly volumeName: string;
  readonly administrator: string;
  /** What PostgreSQL keeps of the administrator's password. */
  readonly administratorVerifier: string;
  /** PEM. */
  readonly certificate: string;
  readonly privateKey: string;
}

const MOUNT_POINT = "/mnt/data";
const TLS = "/etc/bulkhead/tls";
const SETUP_SQL = "/etc/bulkhead/setup.sql";
const SETUP_SCRIPT = "/usr/local/sbin/bulkhead-postgres-setup";

/**
 * The cloud-config of a PostgreSQL server whose data is on a volume, so that it outlives its machine.
 * No password is in it. Connections need TLS and SCRAM; the machine's firewall says from where.
 *
 * @see https://cloudinit.readthedocs.io/en/latest/reference/modules.html
 */
export function postgresCloudConfig(machine: ServerMachine): string {
  const { version, port, volumeName } = machine;
  const config = `/etc/postgresql/${version}/main`;
  const device = `/dev/disk/by-id/scsi-0DO_Volume_${volumeName}`;
  const secret = { owner: "root:root", permissions: "0600" };
  return `#cloud-config\n${stringify({
    package_update: true,
    packages: [`postgresql-${version}`, "unattended-upgrades"],
    // `overwrite: false` keeps the data of a volume that was in use before.
    fs_setup: [{ label: "data", filesystem: "ext4", device, overwrite: false }],
    mounts: [[device, MOUNT_POINT, "ext4", "defaults,nofail,discard,noatime", "0", "2"]],
    write_files: [
      {
        path: `${config}/conf.d/bulkhead.conf`,
        content: serverConfiguration(port),
        permissions: "0644",
        defer: true,
      },
      {
        path: `${config}/pg_hba.conf`,
        content: ACCESS,
        permissions: "0640",
        owner: "postgres:postgres",
        defer: true,
      },
      { path: `${TLS}/server.crt`, content: machine.certificate, ...secret },
      { path: `${TLS}/server.key`, content: machine.privateKey, ...secret },
      { path: SETUP_SQL, content: setupSql(machine), ...secret },
      { path: SETUP_SCRIPT, content: setupScript(version), permissions: "0755" },
    ],
    runcmd: [SETUP_SCRIPT],
  })}`;
}

const ACCESS = `local   all all                 peer
hostssl all all 0.0.0.0/0           scram-sha-256
hostssl all all ::/0                scram-sha-256
`;

const serverConfiguration = (port: number) => `listen_addresses = '*'
port = ${port}
data_directory = '${MOUNT_POINT}/postgresql'
ssl = on
ssl_cert_file = '${TLS}/server.crt'
ssl_key_file = '${TLS}/server.key'
ssl_min_protocol_version = 'TLSv1.2'
password_encryption = 'scram-sha-256'
`;

const setupSql = ({ administrator, administratorVerifier }: ServerMachine) =>
  `CREATE ROLE ${administrator} LOGIN CREATEDB CREATEROLE PASSWORD '${administratorVerifier}';
GRANT pg_signal_backend TO ${administrator};\n`;

/** Makes the data folder on a new volume, and takes over the one of a volume that was in use before. */
const setupScript = (version: string) => `#!/bin/sh
set -eu
systemctl stop postgresql
chown postgres:postgres ${TLS}/server.crt ${TLS}/server.key
data=${MOUNT_POINT}/postgresql
mountpoint -q ${MOUNT_POINT}
install -d -o postgres -g postgres -m 0700 "$data"
if [ ! -s "$data/PG_VERSION" ]; then
  runuser -u postgres -- /usr/lib/postgresql/${version}/bin/initdb -D "$data" --data-checksums --encoding=UTF8 --locale=C.UTF-8
fi
systemctl start postgresql
systemctl is-active --quiet postgresql@${version}-main
if [ ! -e "$data/bulkhead-setup-done" ]; then
  runuser -u postgres -- psql --set ON_ERROR_STOP=1 --single-transaction -d postgres < ${SETUP_SQL}
  runuser -u postgres -- touch "$data/bulkhead-setup-done"
fi
rm -f ${SETUP_SQL}
`;
