import type {
  CreateDBInstanceCommandInput,
  DBInstance,
  ModifyDBInstanceCommandInput,
} from "@aws-sdk/client-rds";
import type { CheckFailure } from "../../../../../providers/sdk/check.ts";
import { ProviderError } from "../../../../../providers/sdk/fault.ts";
import type { RevealedMap } from "../../../../../providers/sdk/values.ts";
import { SERVER_TIMEOUT_MS, waitUntil } from "../../../../../providers/sdk/wait.ts";
import type { Regional } from "../../client.ts";
import { orMissing } from "../../fault.ts";
import { fitName, nameConflicts } from "../../names.ts";
import { requestFields } from "../../request-fields.ts";
import { type AwsContext, changedInputs, define, stillCreating } from "../../shared.ts";
import { allTags, liveTags, syncTags, tagList } from "../../tags.ts";
import { deleteAndWait } from "../../waiting.ts";
import { instanceProperties } from "./instance-properties.ts";
import {
  fieldIn,
  type InstanceInputs,
  type InstanceState,
  instanceState,
  outcomeOf,
} from "./instance-state.ts";

/** What a new instance cannot be without; a restored one or a replica could, but is not supported. */
const NEEDED = ["engine", "allocatedStorage", "username", "password"] as const;

/** `aws.rds.Instance`. @see https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html */
export const dbInstance = define({
  token: "aws:rds/instance:Instance",
  title: "DB instance",
  doc: "An RDS DB instance. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.html",
  identity: ["region", "identifier"],
  importFormat: "<identifier>",
  properties: instanceProperties,
  // The creation time is told only once the instance is ready.
  creationTimeUnknown: true,
  parseImportId: (id) => (id === "" ? undefined : { id, state: { identifier: id } }),
  seal: fitName("identifier", "identifierPrefix"),
  validate: (inputs) => [
    ...nameConflicts(inputs, "identifier", "identifierPrefix"),
    ...missing(inputs),
  ],
  async create(context, inputs) {
    const { client } = context;
    const rds = await client.rds(inputs);
    const { DBInstance: made } = await rds.createDBInstance({
      ...requestFields(inputs, fieldIn("create")),
      // The vendor's own default depends on the subnets; the official provider's is false.
      PubliclyAccessible: inputs.publiclyAccessible ?? false,
      Tags: tagList(allTags(client, inputs)),
    } as unknown as CreateDBInstanceCommandInput);
    return live(context, made ?? {}, inputs);
  },
  async finish(context, { state }, inputs) {
    const { status } = state;
    const doing = status === undefined || status === "creating" ? "creating" : "modifying";
    return live(context, await untilAvailable(context, inputs, inputs.identifier, doing), inputs);
  },
  async read(context, id, { inputs, state }) {
    const found = await describe(context, state, state.identifier ?? id);
    if (found === undefined) return undefined;
    const known = live(context, found, inputs ?? state);
    if (found.DBInstanceStatus === "creating") throw stillCreating(context, "creating", known);
    return known;
  },
  async update(context, _id, inputs, known) {
    const { client } = context;
    const rds = await client.rds(inputs);
    const changed = changedInputs(instanceProperties, known, inputs);
    const request = modification(inputs, known.inputs, changed);
    const identifier = known.state.identifier ?? inputs.identifier;
    if (known.state.arn) await syncTags(rds, client, known.state.arn, inputs);
    if (Object.keys(request).length === 0) return {};
    // The vendor changes nothing in an instance that it is at work on.
    await untilAvailable(context, inputs, identifier, known.state.status ?? "creating");
    await rds.modifyDBInstance({
      DBInstanceIdentifier: identifier,
      ApplyImmediately: inputs.applyImmediately ?? false,
      ...request,
    });
    return { status: "modifying" };
  },
  async delete(context, id, state) {
    const identifier = state.identifier ?? id;
    const { skipFinalSnapshot, finalSnapshotIdentifier } = state;
    if (!skipFinalSnapshot && !finalSnapshotIdentifier)
      throw new ProviderError(
        `The ${context.what} is to leave a final snapshot, which has no name. Set finalSnapshotIdentifier, or skipFinalSnapshot, and run \`pulumi up\`; delete it then.`,
      );
    const rds = await context.client.rds(state);
    const deletion = {
      DBInstanceIdentifier: identifier,
      DeleteAutomatedBackups: state.deleteAutomatedBackups ?? true,
      ...(skipFinalSnapshot
        ? { SkipFinalSnapshot: true }
        : { FinalDBSnapshotIdentifier: finalSnapshotIdentifier ?? undefined }),
    };
    await deleteAndWait(context, {
      remove: () => rds.deleteDBInstance(deletion),
      busyCode: "InvalidDBInstanceState",
      status: async () => {
        const found = await describe(context, state, identifier);
        return found && (found.DBInstanceStatus ?? "unknown");
      },
    });
  },
  async findExisting(context, inputs) {
    const found = await describe(context, inputs, inputs.identifier);
    return found && live(context, found, inputs);
  },
});

function live(
  context: AwsContext,
  found: DBInstance,
  known: Partial<InstanceInputs> | InstanceState,
) {
  const { client } = context;
  return {
    id: found.DbiResourceId ?? "",
    state: {
      ...instanceState(found, known),
      region: client.regionOf(known),
      ...liveTags(client, found.TagList, known),
    },
  };
}

function untilAvailable(
  context: AwsContext,
  inputs: InstanceInputs,
  identifier: string,
  doing: string,
): Promise<DBInstance> {
  return waitUntil(context, {
    doing,
    timeoutMs: SERVER_TIMEOUT_MS,
    probe: async () => {
      // A renamed instance is not found for a while.
      const found = await describe(context, inputs, identifier);
      const status = found?.DBInstanceStatus ?? "not found";
      const pending = inputs.applyImmediately && hasPending(found);
      const outcome = pending ? "waiting" : outcomeOf(found?.DBInstanceStatus);
      return { value: found ?? {}, status, outcome };
    },
  });
}

async function describe(
  { client }: AwsContext,
  where: Regional,
  identifier: string,
): Promise<DBInstance | undefined> {
  const rds = await client.rds(where);
  const answer = await orMissing(rds.describeDBInstances({ DBInstanceIdentifier: identifier }));
  return answer?.DBInstances?.[0];
}

/** Changes that the vendor has taken and not carried out. */
function hasPending(found: DBInstance | undefined): boolean {
  return Object.values(found?.PendingModifiedValues ?? {}).some((each) => each !== undefined);
}

/** The request that makes the changes, without what every request has. */
function modification(
  inputs: InstanceInputs,
  before: Partial<InstanceInputs> | undefined,
  changed: Parameters<typeof requestFields>[0],
): Partial<ModifyDBInstanceCommandInput> {
  const logs = new Set(inputs.enabledCloudwatchLogsExports ?? []);
  const logsBefore = new Set(before?.enabledCloudwatchLogsExports ?? []);
  const upgrade = "engineVersion" in changed && inputs.allowMajorVersionUpgrade;
  // Storage that no longer grows by itself is one whose limit it has reached.
  const limit =
    changed.maxAllocatedStorage === 0 ? { maxAllocatedStorage: inputs.allocatedStorage } : {};
  return {
    ...requestFields({ ...changed, ...limit }, fieldIn("modify")),
    ...(upgrade ? { AllowMajorVersionUpgrade: true } : {}),
    ...("enabledCloudwatchLogsExports" in changed
      ? {
          CloudwatchLogsExportConfiguration: {
            EnableLogTypes: [...logs].filter((each) => !logsBefore.has(each)),
            DisableLogTypes: [...logsBefore].filter((each) => !logs.has(each)),
          },
        }
      : {}),
  };
}

function missing(inputs: RevealedMap): CheckFailure[] {
  return NEEDED.filter((name) => inputs[name] === undefined).map((name) => ({
    property: name,
    reason: `"${name}" is missing. A DB instance that is created anew, the only kind that is supported here, needs it.`,
  }));
}
