import { Hono } from "hono";
import { jsonBody, ok, okPage } from "../envelope.ts";
import type { ApiContext, ApiEnv, CloudflareService } from "../service.ts";
import {
  createDatabase,
  createDatabaseBody,
  D1_ERROR,
  databaseSummary,
  databasesOf,
  describeDatabase,
  requireDatabase,
  updateDatabaseBody,
} from "./databases.ts";
import { query, raw, statementsBody } from "./statements.ts";
import { exportBody, importBody, importStep, startExport, transferLinks } from "./transfers.ts";

const PAGE = { perPage: 1000, maxPerPage: 10_000 };
const DATABASES = "/accounts/:account/d1/database";
const DATABASE = `${DATABASES}/:database`;

/**
 * D1 databases.
 * @see https://developers.cloudflare.com/api/resources/d1/
 */
export const d1Service: CloudflareService = {
  name: "d1",
  contribute: (cloud, accountId) => ({
    databases: databasesOf(cloud)
      .list(accountId)
      .map(({ id }) => id),
  }),
  signedRoutes: transferLinks,
  routes(cloud) {
    const named = (c: ApiContext) =>
      requireDatabase(cloud, c.get("accountId"), c.req.param("database") ?? "");

    const update = async (c: ApiContext) => {
      const change = await jsonBody(c, updateDatabaseBody, D1_ERROR.invalid);
      const database = named(c);
      const updated = databasesOf(cloud).update(database.account, database.id, {
        body: {
          ...database.body,
          readReplication: change.read_replication ?? database.body.readReplication,
        },
      });
      return ok(c, await describeDatabase(cloud, updated));
    };

    return new Hono<ApiEnv>()
      .get(DATABASES, (c) => {
        const name = c.req.query("name");
        const databases = databasesOf(cloud)
          .list(c.get("accountId"))
          .filter((database) => name === undefined || database.name.includes(name));
        return okPage(c, databases.map(databaseSummary), PAGE);
      })
      .post(DATABASES, async (c) => {
        const request = await jsonBody(c, createDatabaseBody, D1_ERROR.invalid);
        const database = createDatabase(cloud, c.get("accountId"), request);
        return ok(c, await describeDatabase(cloud, database));
      })
      .get(DATABASE, async (c) => ok(c, await describeDatabase(cloud, named(c))))
      .put(DATABASE, update)
      .patch(DATABASE, update)
      .delete(DATABASE, async (c) => {
        const database = named(c);
        await cloud.runtimes.of(database.account).erase("databases", database.id, () => {
          databasesOf(cloud).remove(database.account, database.id);
        });
        return ok(c, null);
      })
      .post(`${DATABASE}/query`, async (c) => {
        const database = named(c);
        return ok(
          c,
          await query(cloud, database, await jsonBody(c, statementsBody, D1_ERROR.invalid)),
        );
      })
      .post(`${DATABASE}/raw`, async (c) => {
        const database = named(c);
        return ok(
          c,
          await raw(cloud, database, await jsonBody(c, statementsBody, D1_ERROR.invalid)),
        );
      })
      .post(`${DATABASE}/export`, async (c) => {
        const database = named(c);
        return ok(
          c,
          await startExport(cloud, database, await jsonBody(c, exportBody, D1_ERROR.invalid)),
        );
      })
      .post(`${DATABASE}/import`, async (c) => {
        const database = named(c);
        return ok(
          c,
          await importStep(cloud, database, await jsonBody(c, importBody, D1_ERROR.invalid)),
        );
      });
  },
};
