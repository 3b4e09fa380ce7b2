import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { expect, it } from "vitest";
import { openEngines } from "../../../local/engines/index.ts";
import { scramVerifier } from "../../../providers/bulkhead/postgres/scram.ts";

it("PostgreSQL takes a verifier for the password, and lets nobody else in", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "bulkhead-scram-"));
  const engines = openEngines({ dataDir, log: () => {} });
  try {
    const [endpoint] = await engines.endpoints([5432]);
    const authority = await engines.authority("scram");
    const spec = {
      id: "scram",
      endpoint,
      authority,
      superuser: { name: "boss", password: "boss-password" },
      access: [
        { database: "all", user: "all", address: "0.0.0.0/0", method: "scram-sha-256" as const },
      ],
    };
    await engines.postgres.ensure(spec);
    await engines.postgres.as(spec, "postgres", (client) =>
      client.query(`CREATE ROLE app LOGIN PASSWORD '${scramVerifier("right", "server")}'`),
    );
    const logIn = async (password: string) => {
      const ssl = { ca: authority.certificate };
      const client = new Client({ ...endpoint, user: "app", database: "postgres", password, ssl });
      await client.connect();
      await client.end();
    };
    await logIn("right");
    await expect(logIn("wrong")).rejects.toThrow(/password authentication failed/);
  } finally {
    await engines.dispose();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

it("the same password gives the same verifier in one place, and another elsewhere", () => {
  expect(scramVerifier("p", "a")).toBe(scramVerifier("p", "a"));
  expect(scramVerifier("p", "a")).not.toBe(scramVerifier("p", "b"));
  expect(scramVerifier("p", "a")).not.toBe(scramVerifier("q", "a"));
  expect(scramVerifier("p", "a")).toMatch(/^SCRAM-SHA-256\$4096:[\w+/]{22}==\$/);
});
