import { z } from "zod";
import type { StackOutputs } from "../components/system-outputs.ts";
import { UserError } from "./user-error.ts";

const server = { vendor: z.string(), host: z.string(), port: z.number() };

const systemSchema = z.object({
  label: z.string().optional(),
  urls: z.record(z.string(), z.string()),
  workers: z.record(
    z.string(),
    z.looseObject({ scriptName: z.string(), urls: z.array(z.string()) }),
  ),
  databases: z.record(z.string(), z.object({ name: z.string(), id: z.string() })),
  buckets: z.record(z.string(), z.object({ name: z.string(), vendor: z.string() })),
  kvNamespaces: z.record(z.string(), z.object({ title: z.string(), id: z.string() })),
  postgres: z.record(z.string(), z.looseObject(server)),
  redis: z.record(z.string(), z.looseObject(server)),
  secrets: z.record(
    z.string(),
    z.object({
      set: z.boolean(),
      length: z.number(),
      version: z.number(),
      previousAvailable: z.boolean(),
    }),
  ),
});

const estateSchema = z.object({
  environment: z.string(),
  tier: z.string(),
  cloudflareAccountId: z.string(),
  systems: z.record(z.string(), systemSchema),
});

/** What the smoke test and the tables need of a stack's outputs. */
export type Estate = z.infer<typeof estateSchema>;
export type SystemEstate = z.infer<typeof systemSchema>;

/** The outputs of a stack as the program declares them. @throws UserError for those of an older program. */
export function readEstate(stack: string, outputs: unknown): Estate {
  const parsed = estateSchema.safeParse(outputs);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UserError(
    `The outputs of ${stack} lack what this program exports (${issue?.path.join(".")}: ${issue?.message}).`,
    `Deploy it again with \`npx bulkhead up ${stack}\`.`,
  );
}

/**
 * The addresses of a stack's Workers, a row for each by system and name.
 *
 * @param apiUrl of the local cloud, whose addresses are those that this machine reaches.
 */
export function workerUrls(outputs: unknown, apiUrl: string | undefined): [string, string][] {
  const parsed = estateSchema.pick({ systems: true }).safeParse(outputs);
  return Object.entries(parsed.data?.systems ?? {}).flatMap(([system, { urls }]) =>
    Object.entries(urls).map(([name, url]): [string, string] => [
      `${system} ${name}`,
      apiUrl === undefined ? url : localUrl(url, apiUrl),
    ]),
  );
}

/** The same outputs under the program's own type, of which the schema checks a part. */
export function readStackOutputs(stack: string, outputs: unknown): StackOutputs {
  readEstate(stack, outputs);
  return outputs as StackOutputs;
}

/**
 * A Worker's address as a browser on this machine can open it: the local cloud answers for
 * `.localhost` as it does for `.workers.dev`. Custom domains stay, since only a Host header reaches them.
 */
export function localUrl(publicUrl: string, apiUrl: string): string {
  const { hostname } = new URL(publicUrl);
  const local = hostname.replace(/\.workers\.dev$/, ".localhost");
  return local === hostname ? publicUrl : `http://${local}:${new URL(apiUrl).port}`;
}
