import type {
  CacheCluster,
  CreateReplicationGroupCommandInput,
  ModifyReplicationGroupCommandInput,
  ReplicationGroup,
} from "@aws-sdk/client-elasticache";
import type { CheckFailure } from "../../../../../providers/sdk/check.ts";
import type { RevealedMap } from "../../../../../providers/sdk/values.ts";
import { SERVER_TIMEOUT_MS, waitUntil } from "../../../../../providers/sdk/wait.ts";
import type { Regional } from "../../client.ts";
import { orMissing } from "../../fault.ts";
import { fitName } from "../../names.ts";
import { requestFields } from "../../request-fields.ts";
import { type AwsContext, changedInputs, define, stillCreating } from "../../shared.ts";
import { allTags, liveTags, syncTags, tagList } from "../../tags.ts";
import { deleteAndWait } from "../../waiting.ts";
import {
  CREATE_FIELDS,
  MODIFY_FIELDS,
  replicationGroupProperties,
} from "./replication-group-properties.ts";
import { type GroupInputs, groupState, outcomeOf } from "./replication-group-state.ts";

/** Properties of which a program may give one of each pair only. */
const CONFLICTS = [
  ["authToken", "userGroupIds"],
  ["numCacheClusters", "numNodeGroups"],
  ["numCacheClusters", "replicasPerNodeGroup"],
] as const;

/** `aws.elasticache.ReplicationGroup`. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html */
export const replicationGroup = define({
  token: "aws:elasticache/replicationGroup:ReplicationGroup",
  title: "replication group",
  doc: "Valkey or Redis servers of ElastiCache. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.html",
  identity: ["region", "replicationGroupId"],
  importFormat: "<replication_group_id>",
  properties: replicationGroupProperties,
  creationTimeUnknown: true,
  parseImportId: (id) => (id === "" ? undefined : { id, state: { replicationGroupId: id } }),
  seal: fitName("replicationGroupId"),
  validate,
  async create({ client }, inputs) {
    const cache = await client.elasticache(inputs);
    const tagsAll = allTags(client, inputs);
    const { ReplicationGroup: made } = await cache.createReplicationGroup({
      ...requestFields(inputs, fieldIn(CREATE_FIELDS)),
      Tags: tagList(tagsAll),
    } as unknown as CreateReplicationGroupCommandInput);
    const region = client.regionOf(inputs);
    return {
      id: inputs.replicationGroupId.toLowerCase(),
      state: { ...groupState(made ?? {}, undefined, inputs), region, tagsAll },
    };
  },
  async finish(context, { id, state }, inputs) {
    const isNew = !state.primaryEndpointAddress && !state.configurationEndpointAddress;
    const found = await untilAvailable(context, inputs, id, isNew ? "creating" : "modifying");
    return { id, state: { ...state, ...(await stateOf(context, found, inputs)) } };
  },
  async read(context, id, { inputs, state }) {
    const found = await describe(context, state, id);
    if (found === undefined) return undefined;
    const live = { id, state: await stateOf(context, found, inputs ?? state) };
    if (found.Status === "creating") throw stillCreating(context, "creating", live);
    return live;
  },
  async update(context, id, inputs, known) {
    const { client } = context;
    const cache = await client.elasticache(inputs);
    const changed = changedInputs(replicationGroupProperties, known, inputs);
    const fields = modification(inputs, known.inputs, changed);
    const group = { ReplicationGroupId: id, ApplyImmediately: inputs.applyImmediately ?? false };
    const replicas = replicaCount(inputs, changed);
    const before = (known.state.numCacheClusters ?? 1) - 1;
    const count = { ReplicationGroupId: id, NewReplicaCount: replicas, ApplyImmediately: true };
    // Failover needs a replica: new ones come before the other changes, old ones go after them.
    const requests: (false | (() => Promise<unknown>))[] = [
      replicas !== undefined && replicas > before && (() => cache.increaseReplicaCount(count)),
      Object.keys(fields).length > 0 &&
        (() => cache.modifyReplicationGroup({ ...group, ...fields })),
      replicas !== undefined && replicas < before && (() => cache.decreaseReplicaCount(count)),
      "numNodeGroups" in changed &&
        (() => cache.modifyReplicationGroupShardConfiguration(shards(id, inputs, known.state))),
    ];
    for (const request of requests)
      if (request) {
        // The vendor takes one change at a time.
        await untilAvailable(context, inputs, id, "modifying");
        await request();
      }
    if (known.state.arn) await syncTags(cache, client, known.state.arn, inputs);
    return {};
  },
  async delete(context, id, state) {
    const cache = await context.client.elasticache(state);
    const { finalSnapshotIdentifier: snapshot } = state;
    await deleteAndWait(context, {
      remove: () =>
        cache.deleteReplicationGroup({
          ReplicationGroupId: id,
          ...(snapshot ? { FinalSnapshotIdentifier: snapshot } : {}),
        }),
      busyCode: "InvalidReplicationGroupState",
      status: async () => {
        const found = await describe(context, state, id);
        return found && (found.Status ?? "unknown");
      },
    });
  },
  async findExisting(context, inputs) {
    const found = await describe(context, inputs, inputs.replicationGroupId);
    const id = inputs.replicationGroupId.toLowerCase();
    return found && { id, state: await stateOf(context, found, inputs) };
  },
});

const fieldIn = (fields: { readonly [name: string]: string }) => (name: string) => fields[name];

function validate(inputs: RevealedMap): CheckFailure[] {
  return CONFLICTS.filter((pair) => pair.every((name) => inputs[name] !== undefined)).map(
    ([name, other]) => ({
      property: name,
      reason: `${name} and ${other} exclude each other. Leave one of them out.`,
    }),
  );
}

/** The group with what only its first node and its tags tell. */
async function stateOf(
  context: AwsContext,
  found: ReplicationGroup,
  known: Regional & {
    readonly engineVersion?: string | null | undefined;
    readonly tags?: { readonly [key: string]: string } | null | undefined;
  },
) {
  const { client } = context;
  const cache = await client.elasticache(known);
  const tags = found.ARN && (await cache.listTagsForResource({ ResourceName: found.ARN }));
  return {
    ...groupState(found, await firstNode(context, found, known), known),
    region: client.regionOf(known),
    ...(tags ? liveTags(client, tags.TagList, known) : {}),
  };
}

async function firstNode(
  { client }: AwsContext,
  { MemberClusters: [CacheClusterId] = [] }: ReplicationGroup,
  where: Regional,
): Promise<CacheCluster | undefined> {
  if (CacheClusterId === undefined) return undefined;
  const cache = await client.elasticache(where);
  const answer = await orMissing(cache.describeCacheClusters({ CacheClusterId }));
  return answer?.CacheClusters?.[0];
}

async function describe(
  { client }: AwsContext,
  where: Regional,
  id: string,
): Promise<ReplicationGroup | undefined> {
  const cache = await client.elasticache(where);
  const answer = await orMissing(cache.describeReplicationGroups({ ReplicationGroupId: id }));
  return answer?.ReplicationGroups?.[0];
}

function untilAvailable(
  context: AwsContext,
  inputs: GroupInputs,
  id: string,
  doing: string,
): Promise<ReplicationGroup> {
  return waitUntil(context, {
    doing,
    timeoutMs: SERVER_TIMEOUT_MS,
    probe: async () => {
      const found = await describe(context, inputs, id);
      const pending = inputs.applyImmediately && hasPending(found);
      const outcome = pending ? "waiting" : outcomeOf(found?.Status);
      return { value: found ?? {}, status: found?.Status ?? "not found", outcome };
    },
  });
}

/** Changes that the vendor has taken and not carried out. */
function hasPending(found: ReplicationGroup | undefined): boolean {
  return Object.values(found?.PendingModifiedValues ?? {}).some((each) => each !== undefined);
}

/** The request that makes the changes, without what every request has. */
function modification(
  inputs: GroupInputs,
  before: Partial<GroupInputs> | undefined,
  changed: Parameters<typeof requestFields>[0],
): Partial<ModifyReplicationGroupCommandInput> {
  const groups = new Set(inputs.userGroupIds ?? []);
  const groupsBefore = new Set(before?.userGroupIds ?? []);
  const request: Partial<ModifyReplicationGroupCommandInput> = requestFields(
    changed,
    fieldIn(MODIFY_FIELDS),
  );
  if ("userGroupIds" in changed) {
    request.UserGroupIdsToAdd = [...groups].filter((each) => !groupsBefore.has(each));
    request.UserGroupIdsToRemove = [...groupsBefore].filter((each) => !groups.has(each));
  }
  if ("authToken" in changed) {
    request.AuthTokenUpdateStrategy = inputs.authToken
      ? ((inputs.authTokenUpdateStrategy as "SET" | "ROTATE" | undefined) ?? "ROTATE")
      : "DELETE";
    if (inputs.authToken) request.AuthToken = inputs.authToken;
  }
  return request;
}

/** The request that changes the number of shards, which the vendor numbers from `0001`. */
function shards(
  id: string,
  { numNodeGroups = 1 }: GroupInputs,
  before: { readonly numNodeGroups?: number | null | undefined },
) {
  const kept = Math.min(numNodeGroups, before.numNodeGroups ?? 1);
  return {
    ReplicationGroupId: id,
    ApplyImmediately: true,
    NodeGroupCount: numNodeGroups,
    NodeGroupsToRetain: Array.from({ length: kept }, (_, index) =>
      String(index + 1).padStart(4, "0"),
    ),
  };
}

/** Replicas of each shard that the program asks for now, if it asks for another number. */
function replicaCount(
  inputs: GroupInputs,
  changed: { readonly [name: string]: unknown },
): number | undefined {
  if ("numCacheClusters" in changed && inputs.numCacheClusters !== undefined)
    return inputs.numCacheClusters - 1;
  return "replicasPerNodeGroup" in changed ? inputs.replicasPerNodeGroup : undefined;
}
