/** Something in user data that the local machine does not serve, and what to write instead. */
export interface Refusal {
  /** Where it is: `packages.0`, `write_files /etc/bulkhead/setup.sql`, `disk_setup`. */
  readonly key: string;
  /** What is wrong and how to remedy it; never a value that may be secret. */
  readonly message: string;
}

/** A value, or everything that stands against it. */
export type Outcome<T> =
  | { readonly value: T; readonly refusals?: never }
  | { readonly value?: never; readonly refusals: readonly Refusal[] };

export const refuse = (key: string, message: string): { refusals: [Refusal] } => ({
  refusals: [{ key, message }],
});
