import { expect, it } from "vitest";
import { postgresCloudConfig } from "../../../components/postgres/cloud-init.ts";
import { planMachine } from "../../../local/digitalocean/machines/machine-plan.ts";
import { scramVerifier } from "../../../providers/bulkhead/postgres/scram.ts";
import { issueCertificate } from "../../../providers/bulkhead/tls/issue.ts";

const PASSWORD = "the-administrators-password";
const { certificate, privateKey } = await issueCertificate("handled-data-staging", 100);
const machine = {
  version: "17",
  port: 5432,
  volumeName: "handled-data-staging",
  administrator: "administrator",
  administratorVerifier: scramVerifier(PASSWORD, "handled-data-staging"),
  certificate,
  privateKey,
};

it("declares a server that the local machine understands whole, with its data on the volume", () => {
  const plan = planMachine(postgresCloudConfig(machine));
  expect(plan.refusals).toBeUndefined();
  expect(plan.value?.postgres).toMatchObject({
    package: "postgresql-17",
    port: 5432,
    volume: { name: "handled-data-staging" },
    certificate: { certificate, privateKey },
    access: [{ address: "0.0.0.0/0", method: "scram-sha-256" }],
  });
  expect(plan.value?.postgres?.setup).toEqual([
    expect.stringMatching(/^CREATE ROLE administrator LOGIN CREATEDB CREATEROLE PASSWORD 'SCRAM-/),
    "GRANT pg_signal_backend TO administrator",
  ]);
});

it("holds no password, and never formats a volume that was in use", () => {
  const userData = postgresCloudConfig(machine);
  expect(userData).not.toContain(PASSWORD);
  expect(userData).toMatch(/overwrite: false/);
});

it("is the same text for the same machine, so that no preview shows a new one", () => {
  expect(postgresCloudConfig(machine)).toBe(postgresCloudConfig({ ...machine }));
});
