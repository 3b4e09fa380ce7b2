import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { identitiesOfText } from "../../../isolation/identity/index.ts";
import { httpIdentity, serverIdentity } from "../../../isolation/identity/server.ts";
import { hostName, ipv4, ipv4Spellings, spellings } from "./arbitraries.ts";

describe("a server", () => {
  it("is the same under every port, scheme and user", () => {
    const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });
    const scheme = fc.constantFrom("postgres", "redis", "mysql", undefined);
    const context = fc.record({ port, scheme, user: fc.string() });
    const host = fc.oneof(hostName, ipv4);
    fc.assert(
      fc.property(host, context, context, (name, one, other) => {
        expect(serverIdentity(name, one)).toBe(`server:${name}`);
        expect(serverIdentity(name, other)).toBe(`server:${name}`);
      }),
    );
  });

  it("is the same in every spelling, and another one under another name", () => {
    const pairs = hostName.chain((host) => fc.tuple(fc.constant(host), spellings(host)));
    fc.assert(
      fc.property(pairs, hostName, ([host, spelling], other) => {
        expect(serverIdentity(spelling)).toBe(serverIdentity(host));
        fc.pre(other !== host);
        expect(serverIdentity(spelling)).not.toBe(serverIdentity(other));
      }),
    );
  });

  it("is none where the text is no host", () => {
    expect(serverIdentity("a b")).toBeUndefined();
    expect(httpIdentity("a b")).toBeUndefined();
  });

  it("is told by its port on the machine itself, in every spelling", () => {
    for (const host of [
      ...ipv4Spellings("127.0.0.1"),
      "localhost",
      "db.localhost",
      "0.0.0.0",
      "::",
    ]) {
      expect(serverIdentity(host, { port: 5433 })).toBe("server:loopback:5433");
      expect(serverIdentity(host, { scheme: "redis" })).toBe("server:loopback:6379");
      expect(serverIdentity(host, { scheme: "postgresql+asyncpg" })).toBe("server:loopback:5432");
      expect(serverIdentity(host)).toBe("server:loopback");
    }
  });

  it.each([
    [
      "ep-cool-rain-123456-pooler.eu-central-1.aws.neon.tech",
      "ep-cool-rain-123456.eu-central-1.aws.neon.tech",
    ],
    [
      "private-db-postgresql-nyc3-1-do-user-2-0.b.db.ondigitalocean.com",
      "db-postgresql-nyc3-1-do-user-2-0.b.db.ondigitalocean.com",
    ],
    ["abcdefghijklmnopqrst.supabase.co", "db.abcdefghijklmnopqrst.supabase.co"],
    ["cluster0-shard-00-01.ab1cd.mongodb.net", "cluster0.ab1cd.mongodb.net"],
  ])("is known by its other name %s", (alias, name) => {
    expect(serverIdentity(alias)).toBe(`server:${name}`);
    expect(serverIdentity(name)).toBe(`server:${name}`);
  });

  it("is told by the user where a vendor's pooler serves many", () => {
    const pooler = "aws-0-eu-central-1.pooler.supabase.com";
    expect(serverIdentity(pooler, { user: "postgres.abcdefghijklmnopqrst" })).toBe(
      "server:db.abcdefghijklmnopqrst.supabase.co",
    );
    expect(serverIdentity(pooler, { user: "postgres" })).toBe(`server:${pooler}`);
  });

  it.each(["ep-a-pooler.example.com", "private-db.example.com", "a-shard-00-01.example.net"])(
    "keeps the name %s, which is no vendor's",
    (name) => {
      expect(serverIdentity(name)).toBe(`server:${name}`);
    },
  );
});

describe("a scheme", () => {
  it.each([
    ["postgres", 5432],
    ["postgresql", 5432],
    ["cockroachdb", 26257],
    ["mysql", 3306],
    ["mysql2", 3306],
    ["mysqlx", 33060],
    ["mariadb", 3306],
    ["sqlserver", 1433],
    ["mssql", 1433],
    ["mongodb", 27017],
    ["mongodb+srv", 27017],
    ["redis", 6379],
    ["rediss", 6379],
    ["redis-sentinel", 26379],
    ["rediss-sentinel", 26379],
    ["valkey", 6379],
    ["valkeys", 6379],
    ["memcached", 11211],
    ["amqp", 5672],
    ["amqps", 5671],
    ["nats", 4222],
    ["kafka", 9092],
    ["mqtt", 1883],
    ["mqtts", 8883],
    ["clickhouse", 9000],
    ["cassandra", 9042],
    ["neo4j", 7687],
    ["neo4j+s", 7687],
    ["bolt", 7687],
    ["ldap", 389],
    ["ldaps", 636],
    ["libsql", 443],
  ])("%s leads to a server, at port %i where a URL names none", (scheme, port) => {
    const [found] = identitiesOfText(`${scheme}://localhost/x`);
    expect(found?.identity).toBe(`server:loopback:${port}`);
    expect(identitiesOfText(`${scheme}://a.example/x`)[0]?.identity).toBe("server:a.example");
  });

  it.each([
    ["http", 80],
    ["https", 443],
    ["ws", 80],
    ["wss", 443],
    ["prisma", 443],
    ["prisma+postgres", 443],
  ])("%s leads to a service behind HTTP, at port %i where a URL names none", (scheme, port) => {
    const [found] = identitiesOfText(`${scheme}://localhost/x`);
    expect(found?.identity).toBe(`host:loopback:${port}`);
    expect(identitiesOfText(`${scheme}://a.example/x`)[0]?.identity).toBe("host:a.example");
  });
});

describe("a service behind HTTP", () => {
  it("has no port but on the machine itself", () => {
    expect(httpIdentity("API.example.com.", { port: 8443, scheme: "https" })).toBe(
      "host:api.example.com",
    );
    expect(httpIdentity("127.0.0.1", { port: 8080, scheme: "http" })).toBe("host:loopback:8080");
    expect(httpIdentity("localhost", { scheme: "https" })).toBe("host:loopback:443");
  });

  it("keeps its name under localhost, where names tell services apart", () => {
    expect(httpIdentity("qhub-api-staging.staging-bd494c.localhost", { port: 7380 })).toBe(
      "host:qhub-api-staging.staging-bd494c.localhost",
    );
  });

  it("is the server itself where a vendor's servers answer HTTP", () => {
    expect(httpIdentity("eu1-fox-1.upstash.io")).toBe("server:eu1-fox-1.upstash.io");
    expect(httpIdentity("abcdefghijklmnopqrst.supabase.co")).toBe(
      "server:db.abcdefghijklmnopqrst.supabase.co",
    );
    expect(httpIdentity("status.supabase.co")).toBe("host:status.supabase.co");
  });
});
