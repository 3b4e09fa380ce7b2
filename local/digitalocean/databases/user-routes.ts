import { Hono } from "hono";
import type { VendorContext } from "../../vendor-context.ts";
import { jsonBody, unprocessable } from "../envelope.ts";
import type { DigitalOceanContext, DigitalOceanEnv } from "../service.ts";
import { changeCluster } from "./changes.ts";
import { clusterOf } from "./cluster-routes.ts";
import { ADMIN, type Cluster, type User, userNamed } from "./clusters.ts";
import { newUser } from "./credentials.ts";
import { describeUser } from "./describe.ts";
import { refuseInUse } from "./postgres-routes.ts";
import { resetBody, userBody, userUpdateBody } from "./requests.ts";
import { isTaken } from "./roles.ts";

const USERS = "/databases/:cluster/users";
const USER = `${USERS}/:user`;

/** Users of clusters: any number in a PostgreSQL, the administrator alone in a Valkey. */
export function userRoutes(cloud: VendorContext): Hono<DigitalOceanEnv> {
  const nameOf = (c: DigitalOceanContext) => c.req.param("user") ?? "";
  const describe = (cluster: Cluster, name: string) => ({
    user: describeUser(cloud, cluster, userNamed(cluster, name)),
  });

  /** Puts `change` in the place of the user that the path names. */
  const replace = async (c: DigitalOceanContext, change: (user: User) => User) => {
    const changed = await changeCluster(
      cloud,
      c.get("accountId"),
      clusterOf(cloud, c).id,
      (cluster) => {
        const user = change(userNamed(cluster, nameOf(c)));
        const users = cluster.body.users.map((each) => (each.name === user.name ? user : each));
        const isRole = cluster.body.engine === "pg";
        return { users, pending: isRole ? [{ kind: "role", name: user.name }] : [] };
      },
    );
    return c.json(describe(changed, nameOf(c)));
  };

  return new Hono<DigitalOceanEnv>()
    .get(USERS, (c) => {
      const cluster = clusterOf(cloud, c);
      return c.json({
        users: cluster.body.users.map((user) => describeUser(cloud, cluster, user)),
      });
    })
    .post(USERS, async (c) => {
      const { id } = withRoles(clusterOf(cloud, c));
      const { name, settings } = await jsonBody(c, userBody);
      const replication = settings?.pg_allow_replication ?? false;
      if (name.startsWith("pg_") || RESERVED.includes(name)) {
        throw unprocessable(`name: "${name}" is reserved by PostgreSQL. Choose another name.`);
      }
      const changed = await changeCluster(cloud, c.get("accountId"), id, async (cluster) => {
        const { users } = cluster.body;
        const isKnown = users.some((user) => user.name === name);
        if (isKnown || (await isTaken(cloud, cluster, "role", name))) {
          throw unprocessable("user already exists");
        }
        return {
          users: [...users, newUser(cloud.vault, name, replication)],
          pending: [{ kind: "role", name }],
        };
      });
      return c.json(describe(changed, name), 201);
    })
    .get(USER, (c) => c.json(describe(clusterOf(cloud, c), nameOf(c))))
    .put(USER, async (c) => {
      withRoles(clusterOf(cloud, c));
      const { settings } = await jsonBody(c, userUpdateBody);
      const replication = settings?.pg_allow_replication ?? false;
      return replace(c, (user) => ({ ...user, replication }));
    })
    .delete(USER, async (c) => {
      const { id } = withRoles(clusterOf(cloud, c));
      await changeCluster(cloud, c.get("accountId"), id, (cluster) => {
        const { name } = userNamed(cluster, nameOf(c));
        if (name === ADMIN.pg) throw unprocessable("The default user cannot be deleted.");
        refuseInUse(cluster, `user "${name}"`, ({ user }) => user === name);
        const users = cluster.body.users.filter((user) => user.name !== name);
        return { users, pending: [{ kind: "drop-role", name }] };
      });
      return c.body(null, 204);
    })
    .post(`${USER}/reset_auth`, async (c) => {
      clusterOf(cloud, c);
      const { settings } = await jsonBody(c, resetBody);
      return replace(c, ({ name, replication }) =>
        newUser(cloud.vault, name, settings?.pg_allow_replication ?? replication),
      );
    });
}

/** Names that PostgreSQL gives a meaning of their own. */
const RESERVED = ["public", "none", "postgres"];

function withRoles(cluster: Cluster): Cluster {
  if (cluster.body.engine === "valkey") {
    throw unprocessable(
      `operation is not supported for this cluster type: ${ADMIN.valkey} is the only user of a Valkey cluster`,
    );
  }
  return cluster;
}
