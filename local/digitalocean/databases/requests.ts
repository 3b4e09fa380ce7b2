import { z } from "zod";
import { ruleBody } from "./trusted-sources.ts";
import { EVICTION_POLICIES } from "./valkey-settings.ts";

/** Clients in Go send an empty text for what they do not set. */
const optionalText = z.string().nullish();
const time = z.iso.datetime({ offset: true });

export const restoreBody = z.strictObject({
  database_name: z.string().min(1),
  backup_created_at: z.preprocess((given) => (given === "" ? undefined : given), time.nullish()),
});

export const createBody = z.strictObject({
  name: z.string(),
  engine: z.string(),
  version: optionalText,
  size: z.string(),
  region: z.string(),
  num_nodes: z.int(),
  private_network_uuid: optionalText,
  tags: z.array(z.string()).nullish(),
  project_id: optionalText,
  storage_size_mib: z.int().min(0).nullish(),
  backup_restore: restoreBody.nullish(),
  rules: z.array(ruleBody).nullish(),
});

export const resizeBody = z.strictObject({
  size: z.string(),
  num_nodes: z.int(),
  storage_size_mib: z.int().min(0).nullish(),
});

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

export const maintenanceBody = z.strictObject({
  day: z.string().toLowerCase().pipe(z.enum(DAYS)),
  hour: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/, "must be a time like 14:00"),
});

export const firewallBody = z.strictObject({ rules: z.array(ruleBody).nullable() });
export const evictionBody = z.strictObject({ eviction_policy: z.enum(EVICTION_POLICIES) });
export const upgradeBody = z.strictObject({ version: z.string() });

const databaseName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}$/, "must be 1 to 63 letters, digits, _ or -");

export const databaseBody = z.strictObject({ name: databaseName });

/** Of the settings of users, those that a PostgreSQL user has. */
const userSettings = z.strictObject({ pg_allow_replication: z.boolean().nullish() }).nullish();

export const userBody = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/, "must be 1 to 63 letters, digits, _, - or ."),
  settings: userSettings,
});

export const userUpdateBody = z.strictObject({ settings: userSettings });
export const resetBody = z.strictObject({ settings: userSettings });

const pool = {
  mode: z.enum(["transaction", "session", "statement"]),
  size: z.int().min(1),
  db: z.string().min(1),
  user: optionalText,
};

/** The name of the pooler's own console. */
const CONSOLE = "pgbouncer";

export const poolBody = z.strictObject({
  name: z
    .string()
    .refine((name) => name !== CONSOLE, `cannot be "${CONSOLE}"`)
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_-]{2,62}$/, "must be 3 to 63 letters, digits, _ or -"),
  ...pool,
});

export const poolUpdateBody = z.strictObject(pool);
