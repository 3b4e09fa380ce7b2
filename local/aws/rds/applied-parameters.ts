import type { Client } from "pg";
import type { Caller } from "../caller.ts";
import { type AppliedParameters, collectionOf, type ParameterGroupBody } from "./documents.ts";
import { engineSettings, parameters } from "./parameters.ts";

/** What a server that starts with this group has. */
export function parametersAtBoot(caller: Caller, groupName: string): AppliedParameters {
  const values = Object.entries(valuesOf(caller, groupName));
  return {
    static: settingsOf(values, "static"),
    dynamic: settingsOf(values, "dynamic"),
    isPendingReboot: false,
  };
}

/** What a running server has after its group has changed: of the changes those that may take effect at once. */
export function parametersAfterChange(
  caller: Caller,
  groupName: string,
  running: AppliedParameters,
  changed: readonly string[],
): AppliedParameters {
  const values = valuesOf(caller, groupName);
  const atBoot = parametersAtBoot(caller, groupName);
  const dynamic = { ...running.dynamic };
  for (const name of changed) {
    const value = values[name];
    if (parameters.get(name)?.applyType !== "dynamic") continue;
    if (value === undefined) delete dynamic[name];
    else if (value.method === "immediate")
      Object.assign(dynamic, engineSettings(name, value.value));
  }
  return {
    static: running.static,
    dynamic,
    isPendingReboot: !same(atBoot, { ...running, dynamic }),
  };
}

/**
 * Sets a running server's dynamic parameters, and only these. They outlast its restarts.
 * @throws when the server does not take a value.
 */
export async function applyDynamic(client: Client, { dynamic }: AppliedParameters): Promise<void> {
  await client.query("ALTER SYSTEM RESET ALL");
  for (const [name, value] of Object.entries(dynamic)) {
    // An extension's parameter is two identifiers.
    const identifier = name.split(".").map((part) => client.escapeIdentifier(part));
    await client.query(
      `ALTER SYSTEM SET ${identifier.join(".")} TO ${client.escapeLiteral(value)}`,
    );
  }
  await client.query("SELECT pg_reload_conf()");
}

/** A group that is not kept is one of the vendor's default groups, which set nothing. */
const valuesOf = (caller: Caller, groupName: string): ParameterGroupBody["values"] =>
  collectionOf(caller, "pg").byName(caller.scope, groupName)?.body.values ?? {};

function settingsOf(
  values: readonly (readonly [string, { readonly value: string }])[],
  applyType: "static" | "dynamic",
): Record<string, string> {
  const wanted = values.filter(([name]) => parameters.get(name)?.applyType === applyType);
  return Object.assign({}, ...wanted.map(([name, { value }]) => engineSettings(name, value)));
}

const same = (a: AppliedParameters, b: AppliedParameters): boolean =>
  sorted(a.static) === sorted(b.static) && sorted(a.dynamic) === sorted(b.dynamic);

const sorted = (settings: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(settings).sort());
