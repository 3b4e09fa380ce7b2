import { expect, it } from "vitest";
import * as pgbouncer from "../../../local/engines/pgbouncer/configuration.ts";
import * as postgres from "../../../local/engines/postgres/configuration.ts";
import { scramVerifier } from "../../../local/engines/postgres/scram.ts";
import * as valkey from "../../../local/engines/valkey/configuration.ts";

const FILES = {
  certificateFile: "/data/it's/server.crt",
  keyFile: "/data/server.key",
  authorityFile: "/data/ca.crt",
  certificate: "",
};
const COMMON = {
  id: "a",
  endpoint: { host: "127.70.1.2", port: 25060 },
  authority: { certificate: "", privateKey: "" },
};
const POSTGRES = { ...COMMON, superuser: { name: "root", password: "secret" }, access: [] };
const VALKEY = { ...COMMON, users: [] };
const PGBOUNCER = { ...COMMON, backend: { host: "127.70.1.2", port: 5432 }, users: [], pools: [] };
const LINE_BREAK = /line break/;

it("writes PostgreSQL's settings so that no value ends its line or its quotes", () => {
  const files = { ...FILES, accessFile: "/data/pg_hba.conf" };
  const text = postgres.postgresConfiguration(
    { ...POSTGRES, settings: { work_mem: "5MB", "app.note": "it's a \\ note", port: "1" } },
    files,
  );
  expect(text).toContain("work_mem = '5MB'\n");
  expect(text).toContain("app.note = 'it''s a \\\\ note'\n");
  expect(text).toContain("ssl_cert_file = '/data/it''s/server.crt'\n");
  // Where it listens is the endpoint's to say.
  expect(text).toContain("port = '25060'\n");
  expect(text).not.toContain("secret");
  const breaking = { ...POSTGRES, settings: { work_mem: "1\nfsync = off" } };
  expect(() => postgres.postgresConfiguration(breaking, files)).toThrow(LINE_BREAK);
  const wrong = { ...POSTGRES, settings: { "fsync = off #": "1" } };
  expect(() => postgres.postgresConfiguration(wrong, files)).toThrow("is no PostgreSQL setting");
});

it("writes access rules in which a name is a name and nothing else", () => {
  const rule = {
    database: "all",
    user: "all",
    address: "10.0.0.0/8",
    method: "scram-sha-256",
  } as const;
  const textOf = (change: Partial<typeof rule> | { user: string } | { database: string }) =>
    postgres
      .accessFile({ ...POSTGRES, access: [{ ...rule, ...change }] })
      .split("\n")
      .at(-2);
  expect(textOf({})).toBe("hostssl  all  all  10.0.0.0/8  scram-sha-256");
  expect(textOf({ user: '+group"', database: "sameuser" })).toBe(
    'hostssl  "sameuser"  "+group"""  10.0.0.0/8  scram-sha-256',
  );
  expect(() => textOf({ user: "a\nhost all all all trust" })).toThrow(LINE_BREAK);
  for (const address of ["10.0.0.0", "10.0.0.0/33", "all", "10.0.0.0/8 trust"]) {
    expect(() => textOf({ address } as never)).toThrow("is no CIDR");
  }
});

it("writes Valkey's users with their passwords' hashes, and nothing that could add a rule", () => {
  const user = { name: "shop", password: "secret", rules: ["~shop:*", "+@read"] };
  const text = valkey.usersFile({ ...VALKEY, users: [user] }, "administrator-secret");
  expect(text).not.toContain("secret");
  expect(text).toContain("user default off\n");
  expect(text).toMatch(/^user shop #[0-9a-f]{64} on ~shop:\* \+@read$/m);
  for (const wrong of [{ name: "a on nopass" }, { rules: ["+get\nuser b on nopass +@all"] }]) {
    const users = [{ ...user, ...wrong }];
    expect(() => valkey.usersFile({ ...VALKEY, users }, "x")).toThrow("cannot stand in an ACL");
  }
});

it("writes Valkey's settings so that TLS is never off", () => {
  const files = { ...FILES, dataFolder: "/data/a b", usersFile: "/data/users.acl" };
  const settings = { port: "6379", "maxmemory-policy": 'a "quoted" one' };
  const text = valkey.valkeyConfiguration({ ...VALKEY, settings }, files);
  expect(text).toContain("port 0\n");
  expect(text).toContain("tls-port 25060\n");
  expect(text).toContain('maxmemory-policy "a \\"quoted\\" one"\n');
  expect(text).toContain('dir "/data/a b"\n');
  const breaking = { ...VALKEY, settings: { maxmemory: "1\nport 6379" } };
  expect(() => valkey.valkeyConfiguration(breaking, files)).toThrow(LINE_BREAK);
});

it("writes PgBouncer's pools and users so that none adds another", () => {
  const pool = { name: "main", database: "it's", mode: "transaction", size: 3 } as const;
  expect(pgbouncer.poolSection({ ...PGBOUNCER, pools: [pool] })).toBe(
    "[databases]\nmain = host=127.70.1.2 port=5432 dbname='it''s' pool_mode=transaction pool_size=3\n",
  );
  for (const name of ["pgbouncer", "*", "a = host=elsewhere", ""]) {
    const pools = [{ ...pool, name }];
    expect(() => pgbouncer.poolSection({ ...PGBOUNCER, pools })).toThrow("cannot be a pool's name");
  }
  const users = [{ name: 'a"b', verifier: "SCRAM-SHA-256$x" }];
  expect(pgbouncer.usersFile({ ...PGBOUNCER, users }, "own")).toBe(
    '"a""b" "SCRAM-SHA-256$x"\n"bulkhead-engine" "own"\n',
  );
});

it("makes the verifier of RFC 7677's example", () => {
  const salt = Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64");
  expect(scramVerifier("pencil", salt)).toBe(
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
  );
});
