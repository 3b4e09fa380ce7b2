import { describe, expect, it } from "vitest";
import { BULKHEAD } from "../../../isolation/extract/bulkhead.ts";
import {
  ACCOUNT,
  claimsOf,
  describeTable,
  HEX,
  OTHER_UUID,
  referencesOf,
  resource,
  UUID,
} from "./support.ts";

const MIGRATIONS = "bulkhead:d1:Migrations";

describeTable("this project's own types", BULKHEAD, [
  {
    type: "bulkhead:index:Worker",
    outputs: { scriptName: "api", urls: ["https://api.dev-1a2b3c.workers.dev"] },
    claims: ["host:api.dev-1a2b3c.workers.dev"],
    references: [],
  },
  {
    type: MIGRATIONS,
    id: UUID,
    inputs: { accountId: ACCOUNT, databaseId: UUID, files: [{ name: "0001_a.sql", sha256: HEX }] },
    claims: [],
    references: [`id databaseId id:${UUID}`],
  },
  {
    type: "bulkhead:postgres:Database",
    id: "db.example.com:25060/shop",
    inputs: { name: "shop", server: { host: "DB.example.com.", port: 25060, user: "doadmin" } },
    claims: [],
    references: ["name server.host server:db.example.com"],
  },
]);

describe("migrations", () => {
  it("refer to the database that they are applied to", () => {
    const inputs = { accountId: ACCOUNT, databaseId: OTHER_UUID };
    expect(referencesOf(resource({ type: MIGRATIONS, id: OTHER_UUID, inputs }))).toContain(
      `id databaseId id:${OTHER_UUID}`,
    );
  });
});

describe("a component", () => {
  it("of a Worker claims the addresses that workers.dev gives it, on either cloud", () => {
    const facts = resource({
      type: "bulkhead:index:Worker",
      custom: false,
      outputs: { urls: ["https://api.example.com", "http://api.dev-1a2b3c.localhost:7380"] },
    });
    expect(claimsOf(facts)).toEqual(["host:api.example.com", "host:api.dev-1a2b3c.localhost"]);
  });

  it("of another type claims nothing, and refers to what its outputs name", () => {
    const facts = resource({
      type: "bulkhead:index:D1Database",
      custom: false,
      outputs: { databaseId: UUID, databaseName: "shop-dev" },
    });
    expect(claimsOf(facts)).toEqual([]);
    expect(referencesOf(facts)).toEqual([`id databaseId id:${UUID}`]);
  });
});
