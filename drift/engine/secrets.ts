/** A stack's state with its secrets, for probes that log in as the stack does. It stays in memory. */
import { z } from "zod";
import { type FactMap, type FactValue, Secret } from "../../isolation/facts.ts";
import { askPulumi } from "../../policy/siblings/pulumi-command.ts";
import { SECRET, SIGNATURE_KEY } from "../../policy/state/values.ts";
import type { PulumiProject } from "./command.ts";

/** Milliseconds for one export. */
const EXPORT_TIMEOUT_MS = 60_000;

const values = z.record(z.string(), z.unknown()).nullish();

const exportSchema = z.object({
  deployment: z.object({
    resources: z
      .array(
        z.object({
          urn: z.string(),
          type: z.string(),
          inputs: values,
          outputs: values,
          created: z.string().optional(),
          modified: z.string().optional(),
        }),
      )
      .nullish(),
  }),
});

/** A resource's properties, secrets included. */
export interface OpenResource {
  readonly urn: string;
  readonly type: string;
  readonly inputs: FactMap;
  readonly outputs: FactMap;
  /** When Pulumi last changed it: ISO 8601. */
  readonly changedAt?: string | undefined;
}

/** A stack's secrets cannot be decrypted by the passphrase or key at hand. */
export class SealedError extends Error {
  override readonly name = "SealedError";
}

/**
 * The resources of a stack with their secrets, the stack itself with its outputs among them.
 *
 * @param stack as `pulumi --stack` takes it.
 * @param signal ends the reading.
 * @throws BackendError when the state cannot be read.
 * @throws SealedError when it cannot be decrypted.
 */
export async function readSecrets(
  { pulumi, env, root }: PulumiProject,
  stack: string,
  signal: AbortSignal,
): Promise<readonly OpenResource[]> {
  const text = await askPulumi(
    { pulumi, env, folder: root, signal },
    ["stack", "export", "--show-secrets", "--stack", stack],
    EXPORT_TIMEOUT_MS,
  );
  const { deployment } = exportSchema.parse(JSON.parse(text));
  if (isSealed(deployment))
    throw new SealedError(
      "The secrets in the stack's state cannot be decrypted: its passphrase or key is another one",
    );
  return (deployment.resources ?? []).map((each) => ({
    urn: each.urn,
    type: each.type,
    inputs: opened(each.inputs ?? {}) as FactMap,
    outputs: opened(each.outputs ?? {}) as FactMap,
    changedAt: each.modified ?? each.created,
  }));
}

/**
 * Pulumi exports `null` for each secret that it cannot decrypt, and says nothing of it. A secret that
 * is really empty stands beside others: every provider has its token.
 */
function isSealed(deployment: unknown): boolean {
  const texts: unknown[] = [];
  const collect = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { [SIGNATURE_KEY]: signature, plaintext } = value as Record<string, unknown>;
    if (signature === SECRET) texts.push(plaintext);
    else for (const each of Object.values(value)) collect(each);
  };
  collect(deployment);
  return texts.length > 0 && texts.every((text) => text === "null");
}

/** A value of the state, its secrets marked. Source: pulumi/pulumi sdk/go/common/apitype (`SecretV1`). */
function opened(value: unknown): FactValue {
  if (Array.isArray(value)) return value.map(opened);
  if (typeof value !== "object" || value === null) return value as FactValue;
  const { [SIGNATURE_KEY]: signature, ...fields } = value as Record<string, unknown>;
  if (signature === SECRET)
    return new Secret(
      typeof fields.plaintext === "string" ? opened(JSON.parse(fields.plaintext)) : undefined,
    );
  return Object.fromEntries(Object.entries(fields).map(([key, each]) => [key, opened(each)]));
}
