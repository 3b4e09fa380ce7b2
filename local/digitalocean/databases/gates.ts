import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { pipeline } from "node:stream";
import type { Endpoint } from "../../engines/engines.ts";
import type { VendorContext } from "../../vendor-context.ts";

interface Gate {
  readonly server: Server;
  readonly sockets: Set<Socket>;
  lets: (client: string) => boolean;
}

/** What a gate stands before, and whom it lets pass. */
export interface Passage {
  readonly outer: Endpoint;
  readonly inner: Endpoint;
  readonly lets: (client: string) => boolean;
}

/**
 * Gates before servers that cannot tell addresses apart themselves, as Valkey: clients connect to the
 * outer endpoint, and the bytes of those that are let in pass to the inner one as they are.
 */
export class Gates {
  readonly #gates = new Map<string, Gate>();

  /** Opens the gate, or changes whom an open one lets pass; connections that there are stay. */
  async open(id: string, { outer, inner, lets }: Passage): Promise<void> {
    const present = this.#gates.get(id);
    if (present !== undefined) {
      present.lets = lets;
      return;
    }
    const sockets = new Set<Socket>();
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      if (!gate.lets(client.remoteAddress ?? "")) {
        client.destroy();
        return;
      }
      const inside = connect({ ...inner, allowHalfOpen: true, noDelay: true });
      sockets.add(client);
      pipeline(client, inside, client, () => sockets.delete(client));
    });
    const gate: Gate = { server, sockets, lets };
    server.listen({ ...outer, exclusive: true });
    await once(server, "listening");
    this.#gates.set(id, gate);
  }

  async close(id: string): Promise<void> {
    const gate = this.#gates.get(id);
    if (gate === undefined) return;
    this.#gates.delete(id);
    const closed = once(gate.server, "close");
    gate.server.close();
    for (const socket of gate.sockets) socket.destroy();
    await closed;
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#gates.keys()].map((id) => this.close(id)));
  }
}

const gates = new WeakMap<VendorContext, Gates>();

export function gatesOf(cloud: VendorContext): Gates {
  const known = gates.get(cloud) ?? new Gates();
  gates.set(cloud, known);
  return known;
}
