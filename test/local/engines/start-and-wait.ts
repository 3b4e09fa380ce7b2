import { openEngines } from "../../../local/engines/index.ts";

/*
 * The engines in a process of their own, as in the cloud's: starts a server of each kind, tells their
 * ids as one line of JSON, and waits to be killed. The argument is the data folder.
 */

const engines = openEngines({ dataDir: process.argv[2] ?? "", log: () => undefined });
const authority = await engines.authority("Test authority");
const [postgres, pooler, cache] = await engines.endpoints([5432, 6432, 6379]);
await engines.postgres.ensure({
  id: "a",
  endpoint: postgres,
  authority,
  superuser: { name: "engine_root", password: "root-password-for-tests" },
  access: [],
});
await engines.pgbouncer.ensure({
  id: "a",
  endpoint: pooler,
  authority,
  backend: postgres,
  users: [],
  pools: [],
});
await engines.valkey.ensure({ id: "a", endpoint: cache, authority, users: [] });
const servers = [engines.postgres, engines.pgbouncer, engines.valkey];
const report = {
  pids: servers.map((each) => each.pid("a")),
  authority,
  endpoints: [postgres, pooler, cache],
};
process.stdout.write(`${JSON.stringify(report)}\n`);
