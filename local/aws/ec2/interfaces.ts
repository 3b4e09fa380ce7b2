import type { Caller } from "../caller.ts";

/** Where a server of another service stands in the network: what it uses here cannot be deleted. */
export interface InterfaceBody {
  readonly subnetIds: readonly string[];
  readonly groupIds: readonly string[];
}

const interfacesOf = ({ cloud }: Caller) =>
  cloud.store.collection<InterfaceBody>("ec2-network-interface");

/** Says what the server `owner` (its ARN) uses from now on. */
export function attach(caller: Caller, owner: string, body: InterfaceBody): void {
  const interfaces = interfacesOf(caller);
  if (interfaces.get(caller.scope, owner) === undefined) {
    interfaces.insert(caller.scope, { id: owner, name: owner, body });
  } else {
    interfaces.update(caller.scope, owner, { body });
  }
}

export function detach(caller: Caller, owner: string): void {
  interfacesOf(caller).remove(caller.scope, owner);
}

/** The servers that use a subnet or a security group. */
export const usersOf = (caller: Caller, id: string): string[] =>
  interfacesOf(caller)
    .list(caller.scope)
    .filter(({ body }) => body.subnetIds.includes(id) || body.groupIds.includes(id))
    .map(({ id: owner }) => owner);
