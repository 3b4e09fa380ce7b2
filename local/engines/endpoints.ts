import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import type { Endpoint } from "./engines.ts";

const LOOPBACK = "127.0.0.1";
/** 127.64.0.0 to 127.127.255.255, whose last number is that of a host. */
const SECOND = { from: 64, to: 128 } as const;
const LAST = { from: 1, to: 255 } as const;
/** Below the ports that systems give to outgoing connections. */
const FREE_PORTS = { from: 10_240, to: 32_000 } as const;
const MAX_TRIES = 200;

/** Gives out endpoints; never the same one twice. */
export class Endpoints {
  readonly #given = new Set<string>();
  readonly #platform: NodeJS.Platform;

  constructor(platform: NodeJS.Platform = process.platform) {
    this.#platform = platform;
  }

  /** One that is a server's already, though that may be stopped. */
  claim(endpoint: Endpoint): void {
    this.#given.add(key(endpoint));
  }

  /** An endpoint for each port, all with the same address. */
  async find<const Ports extends readonly number[]>(
    ports: Ports,
  ): Promise<{ readonly [K in keyof Ports]: Endpoint }> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const candidates = this.#candidates(ports);
      const keys = candidates.map(key);
      if (new Set(keys).size < keys.length || keys.some((each) => this.#given.has(each))) continue;
      // Before the system is asked, so that of two calls at once none gets the other's.
      for (const each of keys) this.#given.add(each);
      if ((await Promise.all(candidates.map(isFree))).every(Boolean)) {
        return candidates as unknown as { readonly [K in keyof Ports]: Endpoint };
      }
      for (const each of keys) this.#given.delete(each);
    }
    throw new Error(
      `No free address was found for the ports ${ports.join(", ")}. ` +
        "End programs that listen on loopback, and check that the system lets this user open ports.",
    );
  }

  #candidates(ports: readonly number[]): Endpoint[] {
    if (this.#platform !== "linux") {
      return ports.map(() => ({
        host: LOOPBACK,
        port: randomInt(FREE_PORTS.from, FREE_PORTS.to),
      }));
    }
    const numbers = [
      127,
      randomInt(SECOND.from, SECOND.to),
      randomInt(256),
      randomInt(LAST.from, LAST.to),
    ];
    return ports.map((port) => ({ host: numbers.join("."), port }));
  }
}

const key = ({ host, port }: Endpoint): string => `${host}:${port}`;

function isFree({ host, port }: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
