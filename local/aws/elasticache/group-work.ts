/** Brings servers to where their replication groups' documents say they should be; begun again, it goes on. */
import { createHash } from "node:crypto";
import type { ValkeySpec } from "../../engines/engines.ts";
import { accountAuthority } from "../accounts.ts";
import { backgroundOf } from "../background.ts";
import type { Caller } from "../caller.ts";
import { detach } from "../ec2/interfaces.ts";
import { ALL_RIGHTS, rulesOf } from "./access-strings.ts";
import { nodeMemory } from "./catalog.ts";
import {
  cacheArn,
  collectionOf,
  type GroupStatus,
  KINDS,
  type ReplicationGroup,
  type ReplicationGroupBody,
  type User,
} from "./documents.ts";
import { standardSettings } from "./parameters.ts";

/** Does in the background what the replication group's status asks for. */
export function advance(caller: Caller, id: string): void {
  const name = collectionOf(caller, "replicationgroup").get(caller.scope, id)?.name ?? id;
  backgroundOf(caller.cloud).schedule(`elasticache/${id}`, {
    what: `The cache ${name} of AWS account ${caller.accountId}`,
    work: () => settle(caller, id),
    onTrouble: () => noteTrouble(caller, id),
  });
}

async function settle(caller: Caller, id: string): Promise<void> {
  const groups = collectionOf(caller, "replicationgroup");
  for (let last: GroupStatus | undefined; ; ) {
    const group = groups.get(caller.scope, id);
    if (group === undefined || group.body.status === last) return;
    last = group.body.status;
    if (last === "deleting") await remove(caller, group);
    else await keepRunning(caller, group);
  }
}

async function keepRunning(caller: Caller, { id, body: asked }: ReplicationGroup): Promise<void> {
  const { engines } = caller.cloud;
  const body = asked.endpoint === undefined ? await giveEndpoint(caller, id, asked) : asked;
  const authority = await accountAuthority(caller.cloud, caller.accountId);
  const known = [...usersOf(caller, body), ...userGroupOf(caller, body)];
  await engines.valkey.ensure({ ...serverSpec(caller, body), authority });

  caller.cloud.store.transaction(() => {
    settleUsers(caller, id, known);
    const group = collectionOf(caller, "replicationgroup").get(caller.scope, id);
    if (group === undefined) return;
    const { trouble: _, ...now } = group.body;
    const status = now.status === asked.status ? "available" : now.status;
    collectionOf(caller, "replicationgroup").update(caller.scope, id, { body: { ...now, status } });
  });
}

async function giveEndpoint(
  caller: Caller,
  id: string,
  { port }: ReplicationGroupBody,
): Promise<ReplicationGroupBody> {
  const [endpoint] = await caller.cloud.engines.endpoints([port]);
  const groups = collectionOf(caller, "replicationgroup");
  // Read again: a deletion may have been asked for meanwhile.
  const body = groups.get(caller.scope, id)?.body;
  if (body === undefined) throw new Error(`The replication group ${id} is gone.`);
  return groups.update(caller.scope, id, { body: { ...body, endpoint } }).body;
}

async function remove(caller: Caller, { id, name, body }: ReplicationGroup): Promise<void> {
  await caller.cloud.engines.valkey.remove(body.serverId);
  caller.cloud.store.transaction(() => {
    settleUsers(caller, id, [...usersOf(caller, body), ...userGroupOf(caller, body)]);
    detach(caller, cacheArn(caller, "replicationgroup", name));
    collectionOf(caller, "replicationgroup").remove(caller.scope, id);
  });
}

/** The group's server, without its certificate authority. */
function serverSpec(caller: Caller, body: ReplicationGroupBody): Omit<ValkeySpec, "authority"> {
  if (body.endpoint === undefined) throw new Error(`The server ${body.serverId} has no endpoint.`);
  const values =
    collectionOf(caller, "parametergroup").byName(caller.scope, body.parameterGroup)?.body.values ??
    {};
  return {
    id: body.serverId,
    endpoint: body.endpoint,
    users: serverUsers(caller, body),
    settings: { ...standardSettings, maxmemory: String(nodeMemory(body.nodeType)), ...values },
  };
}

function serverUsers(caller: Caller, body: ReplicationGroupBody): ValkeySpec["users"] {
  const { vault } = caller.cloud;
  const bearers = [
    { name: "default", accessString: ALL_RIGHTS, passwords: body.authTokens },
    ...usersOf(caller, body).map(({ body: user }) => ({ name: user.userName, ...user })),
  ];
  return bearers.flatMap(({ name, accessString, passwords }) => {
    const [password, ...others] = passwords.map((sealed) => vault.open(sealed));
    if (password === undefined) return [];
    // A second password, of which the engine's own list of users has no place for.
    const more = others.map((other) => `#${createHash("sha256").update(other).digest("hex")}`);
    return [{ name, password, rules: [...more, ...rulesOf(accessString)] }];
  });
}

const userGroupOf = (caller: Caller, { userGroupId }: ReplicationGroupBody) => {
  const groups = collectionOf(caller, "usergroup");
  const group = userGroupId === undefined ? undefined : groups.byName(caller.scope, userGroupId);
  return group === undefined ? [] : [group];
};

const usersOf = (caller: Caller, body: ReplicationGroupBody): User[] =>
  userGroupOf(caller, body)
    .flatMap((group) => group.body.userIds)
    .flatMap((id) => collectionOf(caller, "user").byName(caller.scope, id) ?? []);

/** The server knows these users and user groups as they were; those that have changed since wait for another time. */
function settleUsers(
  caller: Caller,
  groupId: string,
  known: readonly { readonly id: string; readonly modifiedAt: string }[],
): void {
  for (const kind of ["user", "usergroup"] as const) {
    const documents = caller.cloud.store.collection<{ readonly pendingIn: readonly string[] }>(
      KINDS[kind].kind,
    );
    for (const { id, modifiedAt } of known) {
      const now = documents.get(caller.scope, id);
      if (now?.modifiedAt !== modifiedAt || !now.body.pendingIn.includes(groupId)) continue;
      const pendingIn = now.body.pendingIn.filter((pending) => pending !== groupId);
      documents.update(caller.scope, id, { body: { ...now.body, pendingIn } });
    }
  }
}

function noteTrouble(caller: Caller, id: string): void {
  const groups = collectionOf(caller, "replicationgroup");
  const group = groups.get(caller.scope, id);
  if (group === undefined) return;
  groups.update(caller.scope, id, { body: { ...group.body, trouble: "create-failed" } });
}
