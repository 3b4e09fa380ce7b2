import { createHash } from "node:crypto";

const LEAST_BYTES = 16;

/** What is wrong with a project's salt, and what to do; undefined when it is fine. */
export function saltProblem(salt: string): string | undefined {
  const remedy = "Make one by `openssl rand -base64 32 | tr '+/' '-_' | tr -d '='`.";
  if (!/^[A-Za-z0-9_-]*$/.test(salt))
    return `The salt has characters that base64url does not have. ${remedy}`;
  const bytes = saltBytes(salt).length;
  return bytes < LEAST_BYTES
    ? `The salt has ${bytes * 8} bits; ${LEAST_BYTES * 8} are needed. ${remedy}`
    : undefined;
}

export const saltBytes = (salt: string): Buffer => Buffer.from(salt, "base64url");

/** Tells salts apart: 16 hexadecimal digits of its SHA-256. Fingerprints compare under one salt only. */
export const saltId = (salt: string): string =>
  createHash("sha256").update(salt).digest("hex").slice(0, 16);
