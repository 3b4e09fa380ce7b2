import { createHash, randomBytes } from "node:crypto";

/** 32 lower-case hexadecimal digits: accounts, tokens, zones, KV namespaces. */
export const hexId = (): string => randomBytes(16).toString("hex");

/** A new API token's value: 40 characters of `A–Z a–z 0–9 _ -`. */
export const apiTokenValue = (): string => randomBytes(30).toString("base64url");

/** SHA-256 in hexadecimal; of a token's value it is that token's S3 secret access key. */
export const sha256Hex = (text: string): string => createHash("sha256").update(text).digest("hex");
