import type { Engines } from "./engines/engines.ts";
import type { DocumentStore } from "./store/document-store.ts";
import type { Vault } from "./store/vault.ts";

/** What every vendor of the local cloud besides Cloudflare is built on. */
export interface VendorContext {
  readonly store: DocumentStore;
  readonly vault: Vault;
  readonly engines: Engines;
  /** Durable data of the cloud; each product keeps its own folder in it. */
  readonly dataDir: string;
  /** `http://127.0.0.1:PORT` of everything that is signed by Signature Version 4. */
  readonly s3Origin: () => string;
  readonly log: (line: string) => void;
}
