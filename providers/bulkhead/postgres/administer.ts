/** What the administrator does on a server: making a database, bringing it to its layout, taking it away. */
import { type Client, escapeIdentifier } from "pg";
import { VendorFault } from "../../sdk/fault.ts";
import { onDatabase, type ServerInputs } from "./connection.ts";
import { dismissalStatements, grantedSchemas, type Layout, layoutStatements } from "./layout.ts";
import {
  type Claim,
  draftName,
  isStillMarked,
  markStatement,
  refuseForeign,
  type Thing,
} from "./mark.ts";
import {
  existingDatabase,
  existingRoles,
  existingSchemas,
  type Observed,
  observe,
} from "./observe.ts";
import { undeclaredRights } from "./rights.ts";

/** One database on one server, as it shall be. */
export interface Target {
  readonly server: ServerInputs;
  readonly layout: Layout;
  /** Whether the database itself is made here, or a vendor has. */
  readonly makes: boolean;
}

/**
 * Makes the database, or finds the one that an earlier attempt has made. It gets its name together with
 * its mark, so that an attempt which was cut off leaves none without.
 *
 * @throws VendorFault for a database or a role that is another's, before anything is made.
 */
export async function makeDatabase(target: Target, claim: Claim): Promise<void> {
  const { server, layout } = target;
  await onDatabase(server, server.database, async (client) => {
    await refuseOthers(client, target, claim);
    if (await existingDatabase(client, layout.name)) return;
    const draft = draftName(claim.mark);
    if (!(await existingDatabase(client, draft)))
      await client.query(`CREATE DATABASE ${escapeIdentifier(draft)}`);
    await inTransaction(client, async () => {
      await client.query(markStatement("database", draft, claim.mark));
      await client.query(
        `ALTER DATABASE ${escapeIdentifier(draft)} RENAME TO ${escapeIdentifier(layout.name)}`,
      );
    });
  });
}

/**
 * Brings the database to its layout. May be repeated: every statement says what shall be, and all of them
 * count together or not at all.
 *
 * @param before the layout that it has had; its roles that are no longer declared lose their access.
 * @returns what is there afterwards.
 * @throws VendorFault for a role that is another's, or a right that the administrator cannot take away.
 */
export async function apply(
  target: Target,
  before: Pick<Layout, "roles" | "schemas"> | undefined,
  claim: Claim,
): Promise<Observed> {
  const { server, layout } = target;
  return onDatabase(server, layout.name, (client) =>
    inTransaction(client, async () => {
      await refuseOthers(client, target, claim);
      const kept = new Set(layout.roles.map(({ name }) => name));
      const dismissed = (before?.roles ?? []).filter(({ name }) => !kept.has(name));
      const schemas = [...grantedSchemas(layout), ...(before ? grantedSchemas(before) : [])];
      await dismiss(client, layout.name, dismissed, schemas, claim.before ?? claim.mark);
      for (const right of await undeclaredRights(client, layout))
        await client.query(right.undo).catch((error: unknown) => refuseRight(error, right, server));
      const roles = await existingRoles(client);
      for (const statement of layoutStatements(layout, roles, claim.mark))
        await client.query(statement);
      if (target.makes) await client.query(markStatement("database", layout.name, claim.mark));
      // A REVOKE of what another has granted does nothing, and says so in a warning only.
      const [left] = await undeclaredRights(client, layout);
      if (left !== undefined) refuseRight(undefined, left, server);
      return observe(client, layout);
    }),
  );
}

/** Takes all roles' access away. Schemas and extensions stay, since data may depend on them. */
export async function dismissAll({ server, layout }: Target, mark: string): Promise<void> {
  await onDatabase(server, layout.name, (client) =>
    inTransaction(client, () =>
      dismiss(client, layout.name, layout.roles, grantedSchemas(layout), mark),
    ),
  );
}

/**
 * Drops the database with the roles that were made for it, whatever a refresh has found of them; roles
 * that are another's by now stay.
 *
 * @throws VendorFault when the database itself is another's.
 */
export async function dropDatabase({ server, layout }: Target, mark: string): Promise<void> {
  await onDatabase(server, server.database, async (client) => {
    const database = await existingDatabase(client, layout.name);
    if (database !== undefined && !isStillMarked(database, mark))
      throw new VendorFault(
        "refused",
        `The database "${layout.name}" was made by another resource: ${database.comment}`,
        { remedy: "Take this resource out of the state by `pulumi state delete`." },
      );
    const existing = await existingRoles(client);
    const marked = [...existing.values()].filter(({ comment }) => comment === mark);
    const made = new Set([
      ...droppable(layout.roles, existing, mark),
      ...marked.map(({ name }) => name),
    ]);
    // Whoever is a member of a role may end its connections.
    for (const role of made) await client.query(`GRANT ${escapeIdentifier(role)} TO CURRENT_USER`);
    await client.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(layout.name)} WITH (FORCE)`);
    for (const role of made) await client.query(`DROP ROLE IF EXISTS ${escapeIdentifier(role)}`);
  });
}

async function dismiss(
  client: Client,
  database: string,
  roles: Layout["roles"],
  schemas: readonly string[],
  mark: string,
): Promise<void> {
  const existing = await existingRoles(client);
  const there = await existingSchemas(client);
  const within = [...new Set(schemas)].filter((schema) => there.has(schema));
  const drops = new Set(droppable(roles, existing, mark));
  for (const { name } of roles.filter((role) => existing.has(role.name)))
    for (const statement of dismissalStatements(database, name, within, drops.has(name)))
      await client.query(statement);
}

/** Names of the roles that were made here and are still this resource's. */
const droppable = (
  roles: Layout["roles"],
  existing: ReadonlyMap<string, Thing>,
  mark: string,
): string[] =>
  roles.flatMap(({ name, password }) => {
    const thing = existing.get(name);
    return password !== undefined && thing !== undefined && isStillMarked(thing, mark)
      ? [name]
      : [];
  });

async function refuseOthers(
  client: Client,
  { layout, makes }: Target,
  claim: Claim,
): Promise<void> {
  const made = new Set(
    layout.roles.filter(({ password }) => password !== undefined).map(({ name }) => name),
  );
  const database = await existingDatabase(client, layout.name);
  const roles = await existingRoles(client);
  const things = [
    ...(database ? [database] : []),
    ...layout.roles.flatMap(({ name }) => roles.get(name) ?? []),
  ];
  refuseForeign(things, claim, ({ kind, name }) => (kind === "database" ? makes : made.has(name)));
}

/** Says which right stays, and who can take it away. */
function refuseRight(
  error: unknown,
  { role, right, on, undo }: Awaited<ReturnType<typeof undeclaredRights>>[number],
  { user }: ServerInputs,
): never {
  const cause = error instanceof Error ? `: ${error.message}` : "";
  throw new VendorFault(
    "refused",
    `${role} has ${right} on ${on}, which nobody has declared and ${user} cannot take away${cause}`,
    { remedy: `Let a superuser, or whoever has granted it, run: ${undo};` },
  );
}

async function inTransaction<R>(client: Client, work: () => Promise<R>): Promise<R> {
  await client.query("BEGIN");
  const result = await work();
  // Without a COMMIT, as after an error, the end of the connection undoes all of it.
  await client.query("COMMIT");
  return result;
}
