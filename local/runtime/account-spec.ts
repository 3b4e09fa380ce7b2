/** What one account holds, by ids and names alone: cheap to make, and free of secrets. */
export interface AccountInventory {
  /** D1 database ids. */
  readonly databases: readonly string[];
  /** R2 bucket names. */
  readonly buckets: readonly string[];
  /** KV namespace ids. */
  readonly namespaces: readonly string[];
  /** Hyperdrive configuration ids. */
  readonly hyperdrives: readonly string[];
  /** Names of Workers. */
  readonly workers: readonly string[];
}

/** What one account's runtime must hold; the services derive it from the store. */
export interface AccountSpec extends Omit<AccountInventory, "hyperdrives" | "workers"> {
  readonly hyperdrives: readonly HyperdriveSpec[];
  readonly workers: readonly WorkerSpec[];
}

/** The database behind a Hyperdrive configuration; its password is in plaintext, so it lives in memory only. */
export interface HyperdriveSpec {
  readonly id: string;
  readonly origin: DatabaseOrigin;
  readonly tls: OriginTls;
  /** How many connections to the database may be open at once. */
  readonly connectionLimit: number;
}

/** Where a PostgreSQL database is, and who connects to it. */
export interface DatabaseOrigin {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** How a database proves who it is; every connection to it is encrypted. Certificates and keys are PEM. */
export interface OriginTls {
  /** `require` verifies nothing, `verify-ca` the certificate's authority, `verify-full` its name too. */
  readonly mode: "require" | "verify-ca" | "verify-full";
  /** The authorities to trust; absent for `require`. */
  readonly authorities?: string;
  /** What the database is shown, where it asks for a certificate of its client. */
  readonly client?: { readonly certificates: string; readonly privateKey: string };
}

export interface WorkerModule {
  readonly name: string;
  /** The part's content type at upload, e.g. `application/javascript+module`. */
  readonly contentType: string;
  readonly base64: string;
}

/** One Worker as the runtime runs it; secrets are in plaintext, so it lives in memory only. */
export interface WorkerSpec {
  readonly name: string;
  readonly mainModule: string;
  readonly modules: readonly WorkerModule[];
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly bindings: readonly RuntimeBinding[];
}

export type RuntimeBinding = { readonly name: string } & (
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "json"; readonly json: unknown }
  | { readonly type: "d1"; readonly id: string }
  | { readonly type: "r2"; readonly bucket: string }
  | { readonly type: "kv"; readonly id: string }
  | { readonly type: "hyperdrive"; readonly id: string }
  | { readonly type: "service"; readonly worker: string }
  | { readonly type: "ai" }
);

export const inventoryOf = (spec: AccountSpec): AccountInventory => ({
  ...spec,
  hyperdrives: spec.hyperdrives.map(({ id }) => id),
  workers: spec.workers.map(({ name }) => name),
});
