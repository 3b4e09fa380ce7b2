import type { Identity } from "../observation.ts";

/** What Cloudflare names within an account. */
export type AccountKind =
  | "worker"
  | "queue-name"
  | "vectorize"
  | "ai-gateway"
  | "ai-search"
  | "analytics"
  | "dispatch"
  | "pages"
  | "pipeline"
  | "workflow";

/** A Cloudflare account, by its id. */
export const cloudflareAccount = (id: string): Identity =>
  `account:cloudflare/${id.trim().toLowerCase()}`;

/** A DNS zone of Cloudflare, by its id. */
export const cloudflareZone = (id: string): Identity => `zone:${id.trim().toLowerCase()}`;

/** A thing that has its name within an account. */
export function inAccount(kind: AccountKind, account: string, name: string): Identity {
  return `${kind}:${account.trim().toLowerCase()}/${name.trim()}`;
}

/** An AWS account, by its 12 digits. */
export const awsAccount = (digits: string): Identity => `account:aws/${digits.trim()}`;
