import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { planMachine } from "../../../../local/digitalocean/machines/machine-plan.ts";
import {
  CONF,
  cloudConfig,
  DEVICE,
  HBA,
  type OwnCertificate,
  ownCertificate,
  SCRIPT,
  type ServerOptions,
  SQL,
  serverConfig,
  serverUserData,
} from "../user-data.ts";

let certificate: OwnCertificate;
beforeAll(async () => {
  certificate = await ownCertificate();
});

const planOf = (options: Partial<ServerOptions> = {}) =>
  planMachine(serverUserData({ certificate, ...options }));
const refusedKeys = (options: Partial<ServerOptions>) =>
  planOf(options).refusals?.map(({ key }) => key);

test("a server is planned from its package, its files and the command that sets it up", () => {
  const { value } = planOf({
    conf: "shared_buffers = 64MB\nwork_mem '8MB' # more\n",
    hba: "# who\nlocal all postgres peer\nhostssl app,extra app 10.0.0.0/8 scram-sha-256\nhostssl all all ::/0 reject\n",
    sql: "CREATE ROLE app LOGIN;\nCREATE DATABASE app OWNER app;\n",
  });
  expect(value?.postgres).toEqual({
    package: "postgresql-17",
    port: 5432,
    settings: { max_connections: "20", shared_buffers: "64MB", work_mem: "8MB" },
    certificate: { certificate: certificate.certificate, privateKey: certificate.privateKey },
    access: [
      { database: "app", user: "app", address: "10.0.0.0/8", method: "scram-sha-256" },
      { database: "extra", user: "app", address: "10.0.0.0/8", method: "scram-sha-256" },
    ],
    setup: ["CREATE ROLE app LOGIN", "CREATE DATABASE app OWNER app"],
  });
});

test("a mounted volume is where the server's data is", () => {
  expect(planOf({ volume: "pg-data" }).value?.postgres?.volume).toEqual({
    name: "pg-data",
    isFormatted: true,
  });
  expect(planOf({ volume: "pg-data", more: { fs_setup: [] } }).value?.postgres?.volume).toEqual({
    name: "pg-data",
    isFormatted: false,
  });
  expect(
    planOf({ volume: "pg-data", conf: "data_directory = '/mnt/data/17/main'\n" }).refusals,
  ).toBeUndefined();
});

test("a machine without a server has nothing to do", () => {
  expect(planMachine("#cloud-config\n")).toEqual({ value: {} });
  expect(planMachine(cloudConfig({ packages: ["ufw", "fail2ban"], package_update: true }))).toEqual(
    { value: {} },
  );
});

test("a file may be in base64, and its permissions a number as YAML 1.1 reads them", () => {
  const content = Buffer.from("CREATE ROLE app;").toString("base64");
  const files = { [SQL]: { content, encoding: "b64" } };
  expect(planOf({ files }).value?.postgres?.setup).toEqual(["CREATE ROLE app"]);
  const text = serverUserData({ certificate }).replaceAll(
    /permissions: "(\d+)"/g,
    "permissions: $1",
  );
  expect(text).toContain("permissions: 0755");
  expect(planMachine(text).value?.postgres?.port).toBe(5432);
});

test.each<[string, Partial<ServerOptions>, string]>([
  ["a key", { more: { bootcmd: ["ls"] } }, "bootcmd"],
  ["disk_setup", { more: { disk_setup: {} } }, "disk_setup"],
  ["a package", { more: { packages: ["postgresql-17", "nginx"] } }, "packages.1"],
  ["a missing package", { more: { packages: [] } }, "packages"],
  ["a missing command", { more: { runcmd: [] } }, "runcmd"],
  ["a command", { more: { runcmd: [SCRIPT, "reboot"] } }, "runcmd.1"],
  ["a second run", { more: { runcmd: [SCRIPT, [SCRIPT]] } }, "runcmd.1"],
  ["missing files", { more: { write_files: [] } }, "write_files"],
  [
    "a script that cannot be run",
    { files: { [SCRIPT]: { permissions: "0644" } } },
    `write_files ${SCRIPT}`,
  ],
  ["an early file of postgres", { files: { [SQL]: { defer: false } } }, `write_files ${SQL}`],
  ["a field of a file", { files: { [SQL]: { append: true } } }, "write_files.5.append"],
  ["an encoding", { files: { [SQL]: { encoding: "gz+b64" } } }, "write_files.5.encoding"],
  [
    "a key for all to read",
    { files: { "/etc/bulkhead/tls/server.key": { permissions: "0644" } } },
    "write_files /etc/bulkhead/tls/server.key",
  ],
  [
    "a foreign key",
    { files: { "/etc/bulkhead/tls/server.key": { content: "-" } } },
    "write_files /etc/bulkhead/tls/server.key",
  ],
  ["a setting", { conf: "archive_command = 'true'\n" }, `${CONF} archive_command`],
  ["logging statements", { conf: "log_statement = 'all'\n" }, `${CONF} log_statement`],
  ["no TLS", { conf: "ssl = off\n" }, `${CONF} ssl`],
  ["a local server", { conf: "listen_addresses = localhost\n" }, `${CONF} listen_addresses`],
  ["a port", { conf: "port = 80\n" }, `${CONF} port`],
  ["a line", { conf: "what\n" }, `${CONF} line 7`],
  [
    "data off the volume",
    { volume: "a", conf: "data_directory = '/var/lib/x'\n" },
    `${CONF} data_directory`,
  ],
  ["clients without TLS", { hba: "host all all 0.0.0.0/0 scram-sha-256\n" }, `${HBA} line 1`],
  ["clients without a password", { hba: "hostssl all all 0.0.0.0/0 trust\n" }, `${HBA} line 1`],
  ["a special name", { hba: "hostssl sameuser all 0.0.0.0/0 reject\n" }, `${HBA} line 1`],
  ["an address", { hba: "hostssl all all samenet reject\n" }, `${HBA} line 1`],
  ["a command of psql", { sql: "\\connect app\n" }, SQL],
  ["gexec", { sql: "SELECT 'CREATE DATABASE app' \\gexec\n" }, SQL],
  ["an open quotation", { sql: "CREATE ROLE 'app;\n" }, SQL],
  ["COPY from the script", { sql: "COPY t FROM STDIN;\n" }, SQL],
  ["another device", { more: { mounts: [["/dev/sda1", "/mnt/data"]] } }, "mounts.0.0"],
  [
    "a second mount",
    {
      more: {
        mounts: [
          [`${DEVICE}a`, "/mnt/a"],
          [`${DEVICE}b`, "/mnt/b"],
        ],
      },
    },
    "mounts.1",
  ],
  [
    "formatting what is not mounted",
    { more: { fs_setup: [{ device: `${DEVICE}a`, filesystem: "ext4" }] } },
    "fs_setup.0.device",
  ],
  [
    "formatting over data",
    {
      volume: "a",
      more: { fs_setup: [{ device: `${DEVICE}a`, filesystem: "ext4", overwrite: true }] },
    },
    "fs_setup.0.overwrite",
  ],
])("%s beyond the subset is refused, by its name", (_what, options, key) => {
  expect(refusedKeys(options)).toEqual([key]);
  expect(refusedKeys({})).toBeUndefined();
});

test("a file at another path is refused, those of the quiet packages are not", () => {
  const withFile = (path: string) => {
    const config = serverConfig({ certificate });
    const write_files = [...config.write_files, { path, content: "x" }];
    return planMachine(cloudConfig({ ...config, write_files })).refusals?.map(({ key }) => key);
  };
  expect(withFile("/etc/passwd")).toEqual(["write_files /etc/passwd"]);
  expect(withFile("/etc/fail2ban/../passwd")).toEqual(["write_files /etc/fail2ban/../passwd"]);
  expect(withFile(SQL)).toEqual([`write_files ${SQL}`]);
  expect(withFile("/etc/fail2ban/jail.local")).toBeUndefined();
});

test("everything that is refused is told at once", () => {
  expect(refusedKeys({ conf: "ssl = off\n", hba: "host a b\n", sql: "SELECT '" })).toEqual([
    `${CONF} ssl`,
    `${HBA} line 1`,
    SQL,
  ]);
});

test.each([
  "#!/bin/sh\nreboot\n",
  "packages: []\n",
  `#cloud-config\n#${"x".repeat(65_536)}\n`,
  "#cloud-config\n*!",
  "#cloud-config\npackages: [*nowhere]\n",
])("user data that is no readable cloud-config of at most 64 KiB is refused", (userData) => {
  expect(planMachine(userData).refusals?.map(({ key }) => key)).toEqual(["user_data"]);
});

test("no refusal quotes the user data, whose values may be secret", () => {
  const secret = "correct-horse-battery";
  const texts = [
    `#cloud-config\npassword: ${secret}\n`,
    `#cloud-config\nwrite_files: [{path: /etc/x, content: {${secret}: 1}}]\n`,
    `#cloud-config\na: [${secret}\nb: ]`,
    serverUserData({ certificate, sql: `CREATE ROLE app PASSWORD '${secret}` }),
    serverUserData({ certificate, conf: `${secret} = = =\nssl = ${secret}\n` }),
    serverUserData({ certificate, hba: `hostssl all all 0.0.0.0/0 ${secret}\n` }),
  ];
  for (const text of texts) {
    const { refusals } = planMachine(text);
    expect(refusals).not.toHaveLength(0);
    expect(JSON.stringify(refusals)).not.toContain(secret);
  }
});

test("any text is either planned or refused with reasons, and never fails otherwise", () => {
  const text = fc.oneof(
    fc.string(),
    fc.json({ maxDepth: 4 }),
    fc
      .object({ key: fc.constantFrom("packages", "write_files", "runcmd", "mounts") })
      .map(cloudConfig),
  );
  fc.assert(
    fc.property(text, (body) => {
      for (const userData of [body, `#cloud-config\n${body}`]) {
        const { value, refusals } = planMachine(userData);
        expect(value === undefined).toBe((refusals?.length ?? 0) > 0);
      }
    }),
  );
});
