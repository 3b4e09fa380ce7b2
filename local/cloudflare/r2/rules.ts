import { z } from "zod";

/** A bucket may have this many rules of a kind. @see https://developers.cloudflare.com/r2/platform/limits/ */
const MAX_RULES = 1000;

const corsRule = z.strictObject({
  id: z.string().optional(),
  allowed: z.strictObject({
    /** `https://app.example`, `https://*.example` or `*`. */
    origins: z.array(z.string().min(1)).min(1),
    methods: z.array(z.enum(["GET", "PUT", "POST", "DELETE", "HEAD"])).min(1),
    headers: z.array(z.string().min(1)).optional(),
  }),
  exposeHeaders: z.array(z.string()).optional(),
  maxAgeSeconds: z.number().int().min(0).max(86_400).optional(),
});

/** @see https://developers.cloudflare.com/api/resources/r2/subresources/buckets/subresources/cors/ */
export type CorsRule = z.infer<typeof corsRule>;
export const corsBody = z.strictObject({ rules: z.array(corsRule).max(MAX_RULES).default([]) });

const age = z.strictObject({ type: z.literal("Age"), maxAge: z.number().int().min(0) });
const date = z.strictObject({ type: z.literal("Date"), date: z.string() });

const lifecycleRule = z.strictObject({
  id: z.string(),
  enabled: z.boolean(),
  conditions: z.strictObject({ prefix: z.string().default("") }),
  abortMultipartUploadsTransition: z.strictObject({ condition: age.optional() }).optional(),
  deleteObjectsTransition: z
    .strictObject({ condition: z.union([age, date]).optional() })
    .optional(),
  storageClassTransitions: z
    .array(
      z.strictObject({
        condition: z.union([age, date]),
        storageClass: z.literal("InfrequentAccess"),
      }),
    )
    .optional(),
});

/** @see https://developers.cloudflare.com/api/resources/r2/subresources/buckets/subresources/lifecycle/ */
export type LifecycleRule = z.infer<typeof lifecycleRule>;
export const lifecycleBody = z.strictObject({
  rules: z.array(lifecycleRule).max(MAX_RULES).default([]),
});

export const lockBody = z.object({ rules: z.array(z.unknown()).default([]) });
