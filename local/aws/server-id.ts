import { randomBytes } from "node:crypto";

/** A name for a server's folder, which no other in the cloud has. */
export const newServerId = (prefix: string): string =>
  `${prefix}-${randomBytes(8).toString("hex")}`;
