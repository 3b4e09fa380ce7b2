import { timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { allAccounts, issueEnvironment } from "./cloudflare/accounts.ts";
import { ENVIRONMENT_NAME } from "./cloudflare/dns-label.ts";
import { sha256Hex } from "./cloudflare/identifiers.ts";
import type { ApiEnv, CloudContext } from "./cloudflare/service.ts";
import type { Vendors } from "./vendors.ts";

export interface AdminOptions {
  readonly cloud: CloudContext;
  readonly vendors: Vendors;
  readonly adminToken: string;
}

/** One environment as `bulkhead local status` shows it. */
export interface AccountStatus {
  readonly environment: string;
  readonly accountId: string;
  readonly workers: number;
  readonly databases: number;
  readonly buckets: number;
  readonly namespaces: number;
  /** How many of each kind there are at DigitalOcean and AWS. */
  readonly elsewhere: Readonly<Record<string, number>>;
  /** Whether the account's workerd process runs now. */
  readonly running: boolean;
}

const environmentBody = z.strictObject({ environment: z.string() });

/**
 * What has no counterpart at the vendor: health, status, and opening an account for an environment.
 * All but health need the administration token, which only the owner of the state folder can read.
 */
export function adminApi({ cloud, vendors, adminToken }: AdminOptions): Hono<ApiEnv> {
  const expected = Buffer.from(sha256Hex(`Bearer ${adminToken}`));
  const admin = new Hono<ApiEnv>();

  admin.get("/health", (c) => c.json({ pid: process.pid }));
  admin.use(async (c, next) => {
    const presented = Buffer.from(sha256Hex(c.req.header("authorization") ?? ""));
    if (!timingSafeEqual(presented, expected)) return c.json({ error: "Unauthorized" }, 401);
    return next();
  });
  admin.get("/status", (c) => {
    const accounts = allAccounts(cloud).map(({ id, name }): AccountStatus => {
      const inventory = cloud.inventory(id);
      return {
        environment: name,
        accountId: id,
        workers: inventory.workers.length,
        databases: inventory.databases.length,
        buckets: inventory.buckets.length,
        namespaces: inventory.namespaces.length,
        elsewhere: vendors.inventory(name),
        running: cloud.runtimes.of(id).running,
      };
    });
    return c.json({ accounts });
  });
  admin.post("/environments", async (c) => {
    const body = environmentBody.safeParse(await c.req.json().catch(() => undefined));
    if (!body.success) return c.json({ error: 'The body must be {"environment": NAME}.' }, 400);
    const { environment } = body.data;
    if (!ENVIRONMENT_NAME.test(environment)) {
      const error = `The local cloud cannot open an account for the environment "${environment}". Use 1 to 40 letters, digits, hyphens, underscores or periods, a letter or digit first.`;
      return c.json({ error }, 400);
    }
    const elsewhere = await vendors.issue(environment);
    return c.json({ ...issueEnvironment(cloud, environment), ...elsewhere });
  });
  return admin;
}
