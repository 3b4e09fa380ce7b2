/** What one account holds, by ids and names alone: cheap to make, and free of secrets. */
export interface AccountInventory {
  /** D1 database ids. */
  readonly databases: readonly string[];
  /** R2 bucket names. */
  readonly buckets: readonly string[];
  /** KV namespace ids. */
  readonly namespaces: readonly string[];
  /** Names of Workers. */
  readonly workers: readonly string[];
}

/** What one account's runtime must hold; the services derive it from the store. */
export interface AccountSpec extends Omit<AccountInventory, "workers"> {
  readonly workers: readonly WorkerSpec[];
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
  | { readonly type: "service"; readonly worker: string }
  | { readonly type: "ai" }
);

export const inventoryOf = (spec: AccountSpec): AccountInventory => ({
  ...spec,
  workers: spec.workers.map(({ name }) => name),
});
