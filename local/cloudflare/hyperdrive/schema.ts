import { z } from "zod";

const seconds = z.number().int().min(0).max(3600);

/** The vendor's bounds for a paid account. */
const connectionLimit = z.number().int().min(5).max(100);

const port = z.number().int().min(1).max(65_535);

const origin = z.strictObject({
  scheme: z.enum(["postgres", "postgresql"], {
    error: "the local cloud serves PostgreSQL only: use postgres",
  }),
  host: z.string().min(1),
  port: port.default(5432),
  database: z.string().min(1),
  user: z.string().min(1),
  password: z.string().min(1),
});

/** Kept and shown, without effect: nothing is cached here, so that no read is ever stale. */
const caching = z.strictObject({
  disabled: z.boolean().default(false),
  max_age: seconds.optional(),
  stale_while_revalidate: seconds.optional(),
});

const mtls = z.strictObject({
  ca_certificate_id: z.string().min(1).optional(),
  mtls_certificate_id: z.string().min(1).optional(),
  sslmode: z.enum(["require", "verify-ca", "verify-full"]).default("require"),
});

const name = z.string().min(1).max(63);

/** A whole configuration. What is left out has the vendor's default. */
export const configBody = z.strictObject({
  name,
  origin,
  caching: caching.optional(),
  mtls: mtls.optional(),
  origin_connection_limit: connectionLimit.optional(),
});

/** A change of some fields. */
export const configChange = z.strictObject({
  name: name.optional(),
  // Defaults would change what the caller did not name.
  origin: origin.extend({ port }).partial().optional(),
  caching: caching.optional(),
  mtls: mtls.optional(),
  origin_connection_limit: connectionLimit.optional(),
});

export type ConfigBody = z.infer<typeof configBody>;
