import { createPrivateKey, X509Certificate } from "node:crypto";
import type { AccessRule, KeyPair } from "../../engines/engines.ts";
import { type CloudConfig, type ConfiguredFile, parseCloudConfig } from "./cloud-config.ts";
import { parsePgHba } from "./pg-hba.ts";
import { parsePostgresConf } from "./postgres-conf.ts";
import { type Outcome, type Refusal, refuse } from "./refusal.ts";
import { splitStatements } from "./sql-script.ts";

/** What a machine does after its creation. */
export interface MachinePlan {
  /** Its database server; without one the machine only exists. */
  readonly postgres?: PostgresPlan;
}

/** A PostgreSQL server of its own. */
export interface PostgresPlan {
  /** `postgresql-17`, or `postgresql` for whichever version the image has. */
  readonly package: string;
  readonly port: number;
  /** Lines of postgresql.conf beyond addresses and TLS. */
  readonly settings: Readonly<Record<string, string>>;
  /** What the server shows to its clients. */
  readonly certificate: KeyPair;
  readonly access: readonly AccessRule[];
  /** Run one by one as the superuser, once in the life of a data folder. */
  readonly setup: readonly string[];
  /** The volume that its data is on; without one the data goes with the machine. */
  readonly volume?: { readonly name: string; readonly isFormatted: boolean };
}

const SERVER_PACKAGES = ["postgresql-17", "postgresql"];
/** Packages of which nothing is seen from outside; they are accepted and do nothing. */
const QUIET_PACKAGES = ["unattended-upgrades", "ufw", "fail2ban"];

const SCRIPT = "/usr/local/sbin/bulkhead-postgres-setup";
const CONF = "/etc/postgresql/17/main/conf.d/bulkhead.conf";
const HBA = "/etc/postgresql/17/main/pg_hba.conf";
const SQL = "/etc/bulkhead/setup.sql";
const TLS = "/etc/bulkhead/tls/";
const SERVER_FILES = [SCRIPT, CONF, HBA, SQL];
/** Folders whose files configure the quiet packages. */
const QUIET_FOLDERS = ["/etc/apt/apt.conf.d/", "/etc/fail2ban/"];

const DEVICE = /^\/dev\/disk\/by-id\/scsi-0DO_Volume_([a-z0-9-]+)$/;

/**
 * What a machine with this user data does, or everything in it that the local machine does not do. There
 * is no virtual machine: user data is read as what it declares, in the subset below, and real servers
 * are started accordingly. Whatever is not in the subset is refused; nothing is passed over in silence.
 *
 * - `#cloud-config` as the first line; 64 KiB at most.
 * - `package_update`, `package_upgrade`: true or false.
 * - `packages`: `postgresql-17` or `postgresql`, on an image whose archive has version 17 (Debian 13);
 *   and `unattended-upgrades`, `ufw`, `fail2ban`, which are accepted only.
 * - `fs_setup`: `{device, filesystem: ext4 | xfs, label?, partition?: none | auto, overwrite?: false}`.
 * - `mounts`: one list `[device, folder, type?, options?, dump?, pass?]`. A device, here and above, is
 *   `/dev/disk/by-id/scsi-0DO_Volume_<name of the volume>`. The server's data is then on that volume and
 *   outlives the droplet. While the volume is not attached the server does not run.
 * - `write_files`: `{path, content, permissions?, owner?, encoding?: text/plain | b64 | base64, defer?}`
 *   with the paths
 *   - `/usr/local/sbin/bulkhead-postgres-setup`: executable. It is not run; what it does on a real
 *     machine is done: data folder on the mounted volume, configuration, start, `setup.sql` once.
 *   - `/etc/postgresql/17/main/conf.d/bulkhead.conf`: see `postgres-conf.ts`. TLS is on, with
 *     `ssl_cert_file` and `ssl_key_file` under `/etc/bulkhead/tls/`; `listen_addresses` is `*`;
 *     `data_directory`, when given, is on the mounted volume.
 *   - `/etc/postgresql/17/main/pg_hba.conf`: see `pg-hba.ts`. Lines `hostssl`, and `local … peer`.
 *   - the certificate and the private key that the configuration names.
 *   - `/etc/bulkhead/setup.sql`: optional; plain SQL without psql's commands, run on the database
 *     `postgres` by its superuser, statement by statement, stopping at the first that fails.
 *   - files under `/etc/apt/apt.conf.d/` and `/etc/fail2ban/`, which are accepted only.
 *   A file of the owner `postgres` needs `defer: true`, since that user comes with the package.
 * - `runcmd`: `/usr/local/sbin/bulkhead-postgres-setup`, once, as a text or a list of one.
 */
export function planMachine(userData: string): Outcome<MachinePlan> {
  const config = parseCloudConfig(userData);
  if (config.refusals !== undefined) return config;
  const files = readFiles(config.value);
  const mount = readMount(config.value);
  const postgres =
    files.value && mount.value && planPostgres(config.value, files.value, mount.value);
  const refusals = [
    ...unknownPackages(config.value),
    ...unknownCommands(config.value),
    ...(files.refusals ?? []),
    ...(mount.refusals ?? []),
    ...(postgres?.refusals ?? []),
  ];
  if (refusals.length > 0) return { refusals };
  const plan = postgres?.value?.postgres;
  return { value: plan === undefined ? {} : { postgres: plan } };
}

type Files = ReadonlyMap<string, ConfiguredFile>;
interface Mount {
  readonly volume?: { readonly name: string; readonly isFormatted: boolean };
  readonly folder?: string;
}

function unknownPackages({ packages }: CloudConfig): Refusal[] {
  const known = [...SERVER_PACKAGES, ...QUIET_PACKAGES];
  return packages.flatMap((name, index) =>
    known.includes(name)
      ? []
      : refuse(`packages.${index}`, `"${name}" is not served, only ${known.join(", ")}.`).refusals,
  );
}

const commandOf = (command: string | readonly string[]): string =>
  typeof command === "string" ? command.trim() : command.join(" ");

const unknownCommands = ({ runcmd }: CloudConfig): Refusal[] =>
  runcmd.flatMap((command, index) =>
    commandOf(command) === SCRIPT && index === 0
      ? []
      : refuse(`runcmd.${index}`, `is not served: the one command is ${SCRIPT}, once.`).refusals,
  );

/** The files by path, their contents decoded. */
function readFiles({ write_files: written }: CloudConfig): Outcome<Files> {
  const files = new Map<string, ConfiguredFile>();
  const refusals: Refusal[] = [];
  for (const file of written) {
    const key = `write_files ${file.path}`;
    const isKnown =
      SERVER_FILES.includes(file.path) ||
      [TLS, ...QUIET_FOLDERS].some((folder) => file.path.startsWith(folder));
    if (!isKnown || file.path.includes("/../")) {
      refusals.push({ key, message: "is not a file that the local machine serves. Leave it out." });
    }
    if (files.has(file.path)) refusals.push({ key, message: "is written twice. Write it once." });
    if (/\bpostgres\b/.test(file.owner) && !file.defer) {
      refusals.push({
        key,
        message: "belongs to postgres, who comes with the package. Add `defer: true`.",
      });
    }
    const content =
      file.encoding === "text/plain"
        ? file.content
        : Buffer.from(file.content, "base64").toString("utf8");
    files.set(file.path, { ...file, content });
  }
  return refusals.length > 0 ? { refusals } : { value: files };
}

function readMount({ mounts, fs_setup: formats }: CloudConfig): Outcome<Mount> {
  const [mount, ...others] = mounts;
  const refusals: Refusal[] = [];
  if (others.length > 0)
    refusals.push({ key: "mounts.1", message: "is more than the one served." });
  for (const [index, { device }] of formats.entries()) {
    if (device !== mount?.[0]) {
      refusals.push({
        key: `fs_setup.${index}.device`,
        message: "is not mounted. Add it to mounts.",
      });
    }
  }
  if (mount === undefined) return refusals.length > 0 ? { refusals } : { value: {} };
  const [device = "", folder = "", type = "auto"] = mount;
  const name = DEVICE.exec(device)?.[1];
  if (name === undefined) {
    refusals.push({
      key: "mounts.0.0",
      message: "must be a volume, /dev/disk/by-id/scsi-0DO_Volume_<name>.",
    });
  }
  if (!/^\/[\w./-]*\w$/.test(folder)) {
    refusals.push({ key: "mounts.0.1", message: "must be the absolute path of a folder." });
  }
  if (!["ext4", "xfs", "auto"].includes(type)) {
    refusals.push({ key: "mounts.0.2", message: "must be ext4, xfs or auto." });
  }
  if (refusals.length > 0 || name === undefined) return { refusals };
  return { value: { volume: { name, isFormatted: formats.length > 0 }, folder } };
}

/** The server that package, files and command make together; each of them needs the others. */
function planPostgres(
  { packages, runcmd }: CloudConfig,
  files: Files,
  { volume, folder }: Mount,
): Outcome<MachinePlan> {
  const name = packages.find((candidate) => SERVER_PACKAGES.includes(candidate));
  const isRun = runcmd.some((command) => commandOf(command) === SCRIPT);
  const script = files.get(SCRIPT);
  if (name === undefined && !isRun && !SERVER_FILES.some((path) => files.has(path))) {
    return { value: {} };
  }
  if (name === undefined) return refuse("packages", "lacks postgresql-17. Add it.");
  if (!isRun) return refuse("runcmd", `lacks ${SCRIPT}, which sets the server up. Add it.`);
  const conf = files.get(CONF);
  const hba = files.get(HBA);
  if (script === undefined || conf === undefined || hba === undefined) {
    const missing = [SCRIPT, CONF, HBA].filter((path) => !files.has(path));
    return refuse("write_files", `lacks ${missing.join(", ")}. Add it.`);
  }
  if ((script.permissions & 0o100) === 0) {
    return refuse(`write_files ${SCRIPT}`, "is not executable. Add permissions: '0755'.");
  }
  const settings = parsePostgresConf(conf.content, CONF);
  const access = parsePgHba(hba.content, HBA);
  const setup = readSetup(files.get(SQL)?.content ?? "");
  const certificate = settings.value && readCertificate(files, settings.value);
  const refusals = [
    ...(settings.refusals ?? []),
    ...(access.refusals ?? []),
    ...(setup.refusals ?? []),
    ...(certificate?.refusals ?? []),
  ];
  const data = settings.value?.dataDirectory;
  if (data !== undefined && folder !== undefined && !data.startsWith(`${folder}/`)) {
    refusals.push({ key: `${CONF} data_directory`, message: `must be a folder in ${folder}.` });
  }
  const isWhole = settings.value && access.value && setup.value && certificate?.value;
  if (refusals.length > 0 || !isWhole) return { refusals };
  return {
    value: {
      postgres: {
        package: name,
        port: settings.value.port,
        settings: settings.value.settings,
        certificate: certificate.value,
        access: access.value,
        setup: setup.value,
        ...(volume === undefined ? {} : { volume }),
      },
    },
  };
}

function readSetup(script: string): Outcome<string[]> {
  if (/^\s*\\/m.test(script) || /\\g/.test(script)) {
    return refuse(SQL, "has a command of psql. Write plain SQL.");
  }
  const statements = splitStatements(script);
  if (statements === undefined) {
    return refuse(SQL, "has a quotation or a comment that does not end. End it.");
  }
  const copies = statements.some((statement) => /^copy\b.*\bfrom\s+stdin\b/is.test(statement));
  return copies ? refuse(SQL, "has COPY FROM STDIN. Write INSERT instead.") : { value: statements };
}

function readCertificate(
  files: Files,
  names: { readonly certificateFile: string; readonly privateKeyFile: string },
): Outcome<KeyPair> {
  const certificate = files.get(names.certificateFile);
  const privateKey = files.get(names.privateKeyFile);
  if (certificate === undefined || privateKey === undefined) {
    const missing = certificate === undefined ? names.certificateFile : names.privateKeyFile;
    return refuse("write_files", `lacks ${missing}, which ${CONF} names. Add it.`);
  }
  const key = `write_files ${privateKey.path}`;
  // The server does not start with a private key that others on the machine can read.
  if ((privateKey.permissions & 0o037) !== 0) {
    return refuse(key, "is readable by all. Add permissions: '0600'.");
  }
  try {
    const shown = new X509Certificate(certificate.content);
    if (!shown.checkPrivateKey(createPrivateKey(privateKey.content))) {
      return refuse(
        key,
        `is not the key of ${certificate.path}. Give the two that belong together.`,
      );
    }
  } catch {
    return refuse(key, "or the certificate is not PEM. Give both in PEM, without a passphrase.");
  }
  return { value: { certificate: certificate.content, privateKey: privateKey.content } };
}
