import fc from "fast-check";
import { parse } from "pg-connection-string";
import { describe, expect, it } from "vitest";
import { postgresUrl } from "../../../components/postgres/connection-url.ts";

const TARGET = {
  host: "db.example.com",
  port: 25060,
  database: "handled_primary",
  user: "handled_user",
  password: "p@ss:w/rd?#%",
};

describe("a connection URL", () => {
  it("gives each client its own parameters and no other's (T25)", () => {
    const options = { pooled: true, connectionLimit: 15 };
    const query = (client: Parameters<typeof postgresUrl>[1]) =>
      Object.fromEntries(new URL(postgresUrl(TARGET, client, options)).searchParams);
    expect(query("prisma")).toEqual({
      sslmode: "require",
      pgbouncer: "true",
      connection_limit: "15",
    });
    expect(query("libpq")).toEqual({ sslmode: "require", connect_timeout: "10" });
    expect(query("node-postgres")).toEqual({});
  });

  it("leaves Prisma's pool parameters out of a direct connection", () => {
    expect(postgresUrl(TARGET, "prisma")).toMatch(/\/handled_primary\?sslmode=require$/);
  });

  it("carries any user and password through a parser unchanged", () => {
    const text = fc.string({ minLength: 1, unit: "grapheme" });
    const identifier = fc.stringMatching(/^[a-z_][a-z0-9_]{0,62}$/);
    fc.assert(
      fc.property(text, text, identifier, (user, password, database) => {
        const url = postgresUrl({ ...TARGET, user, password, database }, "node-postgres");
        expect(parse(url)).toMatchObject({ user, password, database, host: TARGET.host });
      }),
    );
  });

  it("writes an IPv6 address in brackets", () => {
    expect(postgresUrl({ ...TARGET, host: "2001:db8::1" }, "libpq")).toContain("@[2001:db8::1]:");
  });
});
