import * as z from "zod";

/** Name and version of the format. The number grows when a reader of the older one would be misled. */
export const MANIFEST_FORMAT = "bulkhead.isolation/1";

/** Name of the stack output that holds the manifest. */
export const MANIFEST_OUTPUT = "isolation";

const REFERENCE_KINDS = [
  "binding",
  "url",
  "name",
  "id",
  "read",
  "import",
  "stack-reference",
  "account",
] as const;

// Texts are not matched against patterns: that takes longer than reading the file, and what is spelled
// otherwise equals nothing.
const identity = z.string().meta({ description: "What is meant, as `kind:canonical name`." });

const reference = z
  .tuple([identity, z.string(), z.enum(REFERENCE_KINDS)])
  .meta({ description: "What is used, the property that names it, and how." });

const secret = z
  .strictObject({
    path: z.string(),
    fingerprints: z.array(z.string()).meta({
      description:
        "128 bits in base64url, of the value, its readings and its parts; none where it is too short to tell.",
    }),
    length: z.int().nonnegative().optional().meta({ description: "Characters." }),
    bits: z
      .number()
      .nonnegative()
      .optional()
      .meta({ description: "Entropy, estimated from below." }),
  })
  .meta({ description: "Length and bits are absent where the value was not known." });

export const entrySchema = z.strictObject({
  type: z.string().meta({ description: "Type token of the resource." }),
  external: z.literal(true).optional().meta({ description: "Read, and not owned." }),
  retain: z
    .literal(true)
    .optional()
    .meta({ description: "Stays at the vendor when deleted here." }),
  system: z.string().optional().meta({ description: "The system that it belongs to." }),
  claims: z.array(identity).optional().meta({ description: "What the stack owns by it." }),
  references: z.array(reference).optional().meta({ description: "What it uses." }),
  secrets: z.array(secret).optional(),
});

export const manifestSchema = z
  .strictObject({
    format: z.literal(MANIFEST_FORMAT),
    project: z.string(),
    stack: z.string(),
    salt: z
      .string()
      .regex(/^[0-9a-f]{16}$/)
      .meta({ description: "Which salt the fingerprints are made with, not the salt." }),
    resources: z
      .record(z.string(), entrySchema)
      .meta({ description: "By URN; `config` and `outputs` are the stack's own." }),
  })
  .meta({
    title: "Isolation manifest of a stack",
    description: "What a stack owns, uses and holds. It contains no secret.",
  });

/** What a stack owns, uses and holds, as it stands in the stack's outputs. It contains no secret. */
export type Manifest = z.infer<typeof manifestSchema>;

/** What a manifest says of one resource. */
export type ManifestEntry = z.infer<typeof entrySchema>;

/** The format as a JSON Schema, draft 2020-12: the content of manifest.schema.json. */
export const manifestJsonSchema = (): object => z.toJSONSchema(manifestSchema);
