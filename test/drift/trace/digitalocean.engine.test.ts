import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../support/aws.ts";
import {
  type Answer,
  startDigitalOcean,
  type TestDigitalOcean,
} from "../../support/digitalocean.ts";
import { drifted, provider, recorded, traced } from "./tracing.ts";

let digitalOcean: TestDigitalOcean;
beforeAll(async () => {
  digitalOcean = await startDigitalOcean();
});
afterAll(() => digitalOcean.close());

it("tells when a cluster and a droplet were changed, and not what Pulumi did before", async () => {
  const { call, apiToken: token } = digitalOcean.team("staging");
  const made = await call("POST", "/v2/databases", {
    name: "cache",
    engine: "valkey",
    version: "8",
    size: "db-s-1vcpu-1gb",
    region: "nyc1",
    num_nodes: 1,
  });
  expect(made.status).toBe(201);
  const cluster: string = made.body.database.id;
  const droplet = await call("POST", "/v2/droplets", {
    name: "machine",
    region: "nyc1",
    size: "s-1vcpu-1gb",
    image: "ubuntu-24-04-x64",
  });
  expect(droplet.status).toBe(202);
  const number = String(droplet.body.droplet.id);
  const settled = (path: string, status: (answer: Answer) => string, wanted: string) =>
    until(
      () => call("GET", path),
      (answer) => status(answer) === wanted,
    );
  await settled(`/v2/databases/${cluster}`, ({ body }) => body.database.status, "online");
  await settled(`/v2/droplets/${number}`, ({ body }) => body.droplet.status, "active");

  const asked = (changedAt: number) => {
    const stack = [
      recorded("digitalocean:index/databaseCluster:DatabaseCluster", cluster, changedAt),
      recorded("digitalocean:index/databaseFirewall:DatabaseFirewall", "f", changedAt, {
        clusterId: cluster,
      }),
      recorded("digitalocean:index/droplet:Droplet", number, changedAt),
    ];
    const findings = stack.map((each) => drifted(each));
    const providers = [provider("digitalocean", { token, apiEndpoint: digitalOcean.origin })];
    return traced(findings, stack, providers);
  };
  const nobody = { trace: null };
  expect(await asked(Date.now())).toMatchObject({
    notes: [],
    differences: [nobody, nobody, nobody],
  });

  // Both logs tell whole seconds: as long as Pulumi takes to end an update.
  const deployedAt = Date.now() - 3000;
  const rules = [{ type: "ip_addr", value: "203.0.113.7" }];
  expect((await call("PUT", `/v2/databases/${cluster}/firewall`, { rules })).status).toBe(204);
  const rename = { type: "rename", name: "renamed" };
  expect((await call("POST", `/v2/droplets/${number}/actions`, rename)).status).toBe(201);

  const { events } = (await call("GET", `/v2/databases/${cluster}/events`)).body;
  const update = events.find((each) => each.event_type === "cluster_update");
  const [action] = (await call("GET", `/v2/droplets/${number}/actions`)).body.actions;
  const at = (time: unknown) => new Date(String(time)).toISOString();
  const changed = {
    trace: { actor: null, at: at(update?.create_time), source: "DigitalOcean database events" },
  };
  expect(await asked(deployedAt)).toMatchObject({
    notes: [],
    differences: [
      changed,
      changed,
      { trace: { actor: null, at: at(action?.started_at), source: "DigitalOcean actions" } },
    ],
  });
});
