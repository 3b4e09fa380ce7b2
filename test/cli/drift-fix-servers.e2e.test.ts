import { afterAll, beforeAll, expect, it } from "vitest";
import { openVendors, type Vendors } from "../drift/corpus/vendors.ts";
import { openTestEstate, type TestEstate } from "../support/estate.ts";

/* What was opened before a machine and on its database server, ended by one command. */

interface Found {
  readonly id: string;
  readonly key?: string;
  readonly subject: { readonly type: string; readonly name: string };
}

let estate: TestEstate;
let vendors: Vendors;
beforeAll(async () => {
  estate = openTestEstate(undefined, ["handled"]);
  const up = await estate.bulkhead("up", "staging", "--yes");
  expect(up.exitCode, up.output).toBe(0);
  vendors = await openVendors(estate, "staging");
});
afterAll(() => estate.close());

it("closes a firewall, drops a login with what it owns, and resets a role's password", async () => {
  const firewall = vendors.find(":Firewall", "handled-data").id;
  await vendors.digitalocean("POST", `/firewalls/${firewall}/rules`, {
    inbound_rules: [{ protocol: "tcp", ports: "22", sources: { addresses: ["0.0.0.0/0"] } }],
  });
  const [role] = vendors.find("postgres:Database", "handled-data-data").inputs.roles;
  await vendors.sql(
    "handled-data-data",
    `CREATE ROLE "mal""lory" LOGIN;
     GRANT CREATE ON SCHEMA workspace TO "mal""lory";
     GRANT "mal""lory" TO CURRENT_USER;
     SET ROLE "mal""lory"; CREATE TABLE workspace.copied (a int); RESET ROLE;
     ALTER ROLE ${role.name} PASSWORD 'set-by-hand-0123456789';`,
  );
  const scanned = await estate.bulkhead("drift", "staging", "--json");
  const findings: readonly Found[] = JSON.parse(scanned.stdout).stacks[0].findings;
  const ids = findings.map(({ id }) => id);
  expect(findings.map(({ subject }) => subject.type)).toContainEqual(
    expect.stringMatching(/:Firewall$/),
  );
  expect(findings).toContainEqual(expect.objectContaining({ key: 'role mal"lory' }));

  const fixed = await estate.bulkhead("drift", "fix", "staging", ...ids, "--yes", "staging");
  expect(fixed.exitCode, fixed.output).toBe(0);
  for (const id of ids) expect(fixed.output).toContain(`${id}: gone`);
  expect(JSON.stringify(fixed.output)).not.toContain(role.password);

  const again = await estate.bulkhead("drift", "staging");
  expect(again.exitCode, again.output).toBe(0);
});
