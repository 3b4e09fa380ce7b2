/** What RDS and ElastiCache keep by a name that the program chooses, and tag by ARN: groups and users. */
import type { Properties } from "../../../providers/sdk/properties.ts";
import type { AwsClient, Regional } from "./client.ts";
import type { Tags } from "./config.ts";
import { orMissing } from "./fault.ts";
import { nameRow, prefixRow } from "./names.ts";
import { optional, output, required } from "./rows.ts";
import {
  type AwsContext,
  asSet,
  changedInputs,
  inOwnWords,
  lowerCase,
  MANAGED,
  regionRow,
} from "./shared.ts";
import { allTags, liveTags, syncTags, type TagApi, tagList, tagRows } from "./tags.ts";
import { deleteAndWait } from "./waiting.ts";

/** Rows of a group of either service. */
export const groupRows = {
  ...regionRow,
  ...tagRows,
  name: nameRow("Name of the group.", 255, { normalize: lowerCase }),
  arn: output("string", "ARN of the group."),
} as const;

/** Row of a group of a service that makes names of prefixes. */
export const groupPrefixRow = { namePrefix: prefixRow("name") } as const;

/** Rows of a subnet group of either service. */
export const subnetGroupRows = {
  ...groupRows,
  description: optional("string", "Description of the group.", { unset: MANAGED }),
  subnetIds: required({ array: "string" }, "Ids of the subnets.", { normalize: asSet }),
  vpcId: output("string", "VPC of the subnets."),
} as const;

type Inputs = Regional & { readonly tags?: Tags | null | undefined };
type State = Inputs & { readonly arn?: string | null | undefined };

/** A service's requests about one kind of thing. */
export interface NamedApi<I, F> {
  readonly service: TagApi;
  readonly create: (inputs: I, tags: ReturnType<typeof tagList>) => Promise<F | undefined>;
  readonly find: (name: string) => Promise<F | undefined>;
  /** Absent when all that can change is its tags. */
  readonly change?: (
    name: string,
    inputs: I,
    changed: { readonly [property: string]: unknown },
  ) => Promise<unknown>;
  readonly remove: (name: string) => Promise<unknown>;
}

/** One kind of thing, in a service's words. */
interface NamedKind<I extends Inputs, S extends State, F> {
  readonly properties: Properties;
  readonly nameProperty: string & keyof I & keyof S;
  readonly open: (client: AwsClient, where: Regional) => Promise<NamedApi<I, F>>;
  /** What is found, as outputs; `known` of the resource that is read. */
  readonly stateOf: (found: F, known?: S) => S;
  /** What a refresh asks for besides. */
  readonly details?: (context: AwsContext, where: Regional, name: string) => Promise<Partial<S>>;
  /** Of a thing that takes its time to go. */
  readonly slow?: {
    readonly busyCode: string;
    readonly statusOf: (found: F) => string | undefined;
  };
}

/**
 * The operations of a definition of such a thing, whose id is its name in lower case, and how it is
 * looked up.
 */
export function namedOperations<I extends Inputs, S extends State, F>({
  properties,
  nameProperty,
  open,
  stateOf,
  details,
  slow,
}: NamedKind<I, S, F>) {
  const idOf = (inputs: I) => String(inputs[nameProperty]).toLowerCase();
  const find = async (client: AwsClient, where: Regional, name: string) => {
    const api = await open(client, where);
    return orMissing(api.find(name));
  };
  const operations = {
    parseImportId: (id: string) =>
      id === "" ? undefined : { id, state: { [nameProperty]: id } as unknown as S },
    async create({ client }: AwsContext, inputs: I) {
      const api = await open(client, inputs);
      const tagsAll = allTags(client, inputs);
      const made = await api.create(inputs, tagList(tagsAll));
      const region = client.regionOf(inputs);
      return { id: idOf(inputs), state: { ...stateOf(made ?? ({} as F)), region, tagsAll } };
    },
    async read(
      context: AwsContext,
      id: string,
      { inputs, state }: { readonly inputs: Partial<I> | undefined; readonly state: S },
    ) {
      const { client } = context;
      const { service, find: ask } = await open(client, state);
      const found = await orMissing(ask(id));
      if (found === undefined) return undefined;
      const live = stateOf(found, state);
      const tags = live.arn && (await service.listTagsForResource({ ResourceName: live.arn }));
      return {
        id,
        state: {
          ...live,
          region: client.regionOf(state),
          ...(await details?.(context, state, id)),
          ...(tags ? liveTags(client, tags.TagList, inputs ?? state) : {}),
        },
      };
    },
    async update(
      { client }: AwsContext,
      id: string,
      inputs: I,
      known: { readonly inputs: Partial<I> | undefined; readonly state: S },
    ) {
      const { service, change, find: ask } = await open(client, inputs);
      const { tags: _, ...changed } = changedInputs(properties, known as never, inputs as never);
      if (Object.keys(changed).length > 0) await change?.(id, inputs, changed);
      if (known.state.arn) await syncTags(service, client, known.state.arn, inputs);
      const found = await orMissing(ask(id));
      const told = found === undefined ? {} : inOwnWords(stateOf(found), inputs);
      return { ...told, tagsAll: allTags(client, inputs) };
    },
    async delete(context: AwsContext, id: string, state: S): Promise<void> {
      const { client } = context;
      const api = await open(client, state);
      if (slow === undefined) {
        await api.remove(id);
        return;
      }
      await deleteAndWait(context, {
        remove: () => api.remove(id),
        busyCode: slow.busyCode,
        status: async () => {
          const found = await find(client, state, id);
          return found && (slow.statusOf(found) ?? "unknown");
        },
      });
    },
    async findExisting({ client }: AwsContext, inputs: I) {
      const found = await find(client, inputs, String(inputs[nameProperty]));
      const region = client.regionOf(inputs);
      const tagsAll = allTags(client, inputs);
      return found && { id: idOf(inputs), state: { ...stateOf(found), region, tagsAll } };
    },
  };
  return { operations, find };
}
