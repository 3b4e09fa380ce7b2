/** Shapes of others' documents that have no schema to be had, after their API references. */
import { z } from "zod";

/**
 * The fields of a Stack that are in use.
 * @see https://github.com/pulumi/pulumi-kubernetes-operator/blob/master/docs/stacks.md
 */
const stackSpec = z.strictObject({
  stack: z.string(),
  serviceAccountName: z.string(),
  projectRepo: z.url().optional(),
  branch: z.string().startsWith("refs/heads/").optional(),
  programRef: z.strictObject({ name: z.string() }).optional(),
  config: z.record(z.string(), z.unknown()).optional(),
  preview: z.boolean().optional(),
  refresh: z.boolean(),
  continueResyncOnCommitMatch: z.boolean(),
  // The operator takes no less.
  resyncFrequencySeconds: z.int().min(60),
  destroyOnFinalize: z.literal(false),
  useLocalStackOnly: z.boolean().optional(),
  envRefs: z.record(
    z.string(),
    z.strictObject({
      type: z.literal("Secret"),
      secret: z.strictObject({ name: z.string(), key: z.string() }),
    }),
  ),
  workspaceTemplate: z
    .strictObject({
      spec: z.strictObject({
        resources: z.record(z.enum(["requests", "limits"]), z.record(z.string(), z.string())),
      }),
    })
    .optional(),
});

const metadata = z.strictObject({ name: z.string() });

export const stackResource = z.strictObject({
  apiVersion: z.literal("pulumi.com/v1"),
  kind: z.literal("Stack"),
  metadata,
  // A source is needed, and there is only one.
  spec: stackSpec.refine(
    ({ projectRepo, programRef }) => (projectRepo === undefined) !== (programRef === undefined),
  ),
});

/** Five fields of numbers, steps, ranges and lists. */
const cron = z.string().regex(/^([\d*][\d*/,-]* ){4}[\d*][\d*/,-]*$/);

/**
 * What the API takes for a drift schedule.
 * @see https://www.pulumi.com/docs/reference/cloud-rest-api/schedules/
 */
export const driftSchedule = z.strictObject({ scheduleCron: cron, autoRemediate: z.boolean() });

const ofStack = { organization: z.string(), project: z.string(), stack: z.string() };

/** @see https://www.pulumi.com/registry/packages/pulumiservice/api-docs/driftschedule/ */
const scheduleResource = z.strictObject({
  type: z.literal("pulumiservice:DriftSchedule"),
  properties: driftSchedule.extend(ofStack),
  options: z.strictObject({ dependsOn: z.array(z.string()) }).optional(),
});

/** @see https://www.pulumi.com/registry/packages/pulumiservice/api-docs/deploymentsettings/ */
const settingsResource = z.strictObject({
  type: z.literal("pulumiservice:DeploymentSettings"),
  properties: z.strictObject({
    ...ofStack,
    sourceContext: z.strictObject({
      git: z.strictObject({ repoUrl: z.string(), branch: z.string() }),
    }),
    operationContext: z.strictObject({ preRunCommands: z.array(z.string()) }),
  }),
});

const resources = z.record(
  z.string(),
  z.discriminatedUnion("type", [scheduleResource, settingsResource]),
);

/** @see https://www.pulumi.com/docs/iac/languages-sdks/yaml/yaml-language-reference/ */
export const pulumiYamlProgram = z.strictObject({
  name: z.string(),
  description: z.string(),
  runtime: z.literal("yaml"),
  config: z.record(z.string(), z.strictObject({ type: z.enum(["string"]) })),
  resources,
});

/** @see https://github.com/pulumi/pulumi-kubernetes-operator/blob/master/docs/programs.md */
export const programResource = z.strictObject({
  apiVersion: z.literal("pulumi.com/v1"),
  kind: z.literal("Program"),
  metadata,
  program: z.strictObject({
    configuration: z.record(
      z.string(),
      z.strictObject({ type: z.enum(["String", "Number", "List<Number>", "List<String>"]) }),
    ),
    resources,
  }),
});
