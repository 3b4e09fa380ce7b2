import type { AccountSpec, HyperdriveSpec } from "./account-spec.ts";
import { DatabaseProxy } from "./database-proxy.ts";

/** The ways to databases that one account's runtime needs: those that its Workers are bound to. */
export class DatabaseProxies {
  private readonly proxies = new Map<string, DatabaseProxy>();
  private readonly log: (line: string) => void;

  constructor(log: (line: string) => void) {
    this.log = log;
  }

  /** Opens what is missing and turns the others to where the specification says; ports by configuration id. */
  async follow(spec: AccountSpec): Promise<ReadonlyMap<string, number>> {
    const ports = new Map<string, number>();
    for (const hyperdrive of inUse(spec)) {
      const { id } = hyperdrive;
      const proxy = this.proxies.get(id) ?? (await DatabaseProxy.open(hyperdrive, this.log));
      proxy.follow(hyperdrive);
      this.proxies.set(id, proxy);
      ports.set(id, proxy.port);
    }
    return ports;
  }

  /** Closes those that the specification does not need. */
  closeUnused(spec: AccountSpec): void {
    const needed = new Set(inUse(spec).map(({ id }) => id));
    for (const [id, proxy] of this.proxies) if (!needed.has(id)) this.close(id, proxy);
  }

  closeAll(): void {
    for (const [id, proxy] of this.proxies) this.close(id, proxy);
  }

  private close(id: string, proxy: DatabaseProxy): void {
    this.proxies.delete(id);
    proxy.close();
  }
}

function inUse({ hyperdrives, workers }: AccountSpec): HyperdriveSpec[] {
  const bound = new Set(
    workers.flatMap(({ bindings }) =>
      bindings.flatMap((binding) => (binding.type === "hyperdrive" ? [binding.id] : [])),
    ),
  );
  return hyperdrives.filter(({ id }) => bound.has(id));
}
