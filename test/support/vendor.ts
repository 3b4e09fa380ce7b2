import { rmSync } from "node:fs";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { openEngines } from "../../local/engines/index.ts";
import { openDocumentStore } from "../../local/store/document-store.ts";
import { openVault } from "../../local/store/vault.ts";
import type { VendorContext } from "../../local/vendor-context.ts";

/** A client that was busy for long would else find its idle connection closed under it. */
const KEEP_ALIVE_MS = 300_000;

/** One vendor's API, as the cloud has it. */
export interface Vendor {
  readonly fetch: (
    request: Request,
    from: { readonly incoming: IncomingMessage },
  ) => Response | Promise<Response>;
  /** Brings up its servers, and goes on with what was left unfinished. */
  readonly start: () => Promise<unknown>;
  /** Ends what runs in this process but the engines. */
  readonly stop: () => Promise<unknown>;
}

/** A vendor's API over real engines, on a free loopback port. */
export interface ServedVendor {
  readonly cloud: VendorContext;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly logLines: readonly string[];
  /** Resolves when what was left unfinished is done. */
  readonly started: Promise<void>;
  /** Ends server and engines, keeps the data. */
  readonly stop: () => Promise<void>;
  /** Stops, and deletes the data. */
  readonly close: () => Promise<void>;
}

/** Serves what `open` makes of a new cloud with its data in that folder. */
export async function serveVendor(
  dataDir: string,
  open: (cloud: VendorContext) => Vendor,
): Promise<ServedVendor> {
  const logLines: string[] = [];
  const log = (line: string) => logLines.push(line);
  const store = openDocumentStore(join(dataDir, "store.sqlite"));
  const engines = openEngines({ dataDir, log });
  const vault = openVault(join(dataDir, "store.key"));
  const cloud: VendorContext = { store, vault, engines, dataDir, s3Origin: () => origin, log };
  const vendor = open(cloud);
  const server = createAdaptorServer({
    fetch: vendor.fetch as unknown as (request: Request) => Promise<Response>,
  }) as Server;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const started = vendor.start().then(() => undefined);
  // Who waits for it is told.
  started.catch(() => undefined);

  const stop = async () => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    await engines.dispose();
    await started.catch(() => undefined);
    await vendor.stop();
    store.close();
  };
  return {
    cloud,
    origin,
    logLines,
    started,
    stop,
    async close() {
      await stop();
      // What was under way when the engines ended may still write a moment.
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}
