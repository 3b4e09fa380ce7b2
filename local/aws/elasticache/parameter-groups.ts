import type {
  CacheParameterGroup,
  Parameter as ParameterAnswer,
} from "@aws-sdk/client-elasticache";
import { z } from "zod";
import { NameTakenError } from "../../store/document-store.ts";
import type { Caller } from "../caller.ts";
import { pageOf } from "../paging.ts";
import { invalidCombination, invalidValue, refusal } from "../protocol/errors.ts";
import { type Operations, operation } from "../protocol/operation.ts";
import { tagSchema, withTags } from "../tags.ts";
import { defaultParameterGroup, type Engine, families, familyOf } from "./catalog.ts";
import { cacheArn, collectionOf, find, type ParameterGroup } from "./documents.ts";
import { advance } from "./group-work.ts";
import { checkValue, PARAMETERS } from "./parameters.ts";

const named = { CacheParameterGroupName: z.string() };
const PAGING = {
  MaxRecords: z.int().min(20).max(100).optional(),
  Marker: z.string().optional(),
};

export const parameterGroupOperations: Operations = {
  CreateCacheParameterGroup: operation(
    z.strictObject({
      CacheParameterGroupName: z
        .string()
        .regex(/^[a-zA-Z](-?[a-zA-Z0-9.])*$/)
        .max(255),
      CacheParameterGroupFamily: z.string(),
      Description: z.string().min(1),
      Tags: z.array(tagSchema).default([]),
    }),
    (caller, request) => {
      const name = request.CacheParameterGroupName.toLowerCase();
      const family = request.CacheParameterGroupFamily;
      if (!families.includes(family)) {
        throw invalidValue(
          `CacheParameterGroupFamily ${family} is not a valid parameter group family. The local cloud has ${families.join(" and ")}.`,
        );
      }
      if (name.startsWith("default.")) throw invalidValue(`The name ${name} is reserved.`);
      const tags = withTags({}, request.Tags);
      const body = { family, description: request.Description, values: {}, tags };
      try {
        const group = collectionOf(caller, "parametergroup").insert(caller.scope, {
          id: name,
          name,
          body,
        });
        return { CacheParameterGroup: describe(caller, group) };
      } catch (error) {
        if (!(error instanceof NameTakenError)) throw error;
        throw refusal(
          "CacheParameterGroupAlreadyExists",
          `Cache parameter group ${name} already exists.`,
        );
      }
    },
  ),
  DescribeCacheParameterGroups: operation(
    z.strictObject({ CacheParameterGroupName: z.string().optional(), ...PAGING }),
    (caller, { CacheParameterGroupName: name, MaxRecords, Marker }) => {
      const groups =
        name === undefined
          ? [
              ...families.map(defaultGroup),
              ...collectionOf(caller, "parametergroup").list(caller.scope),
            ]
          : [groupNamed(caller, name)];
      const page = pageOf(groups, { size: MaxRecords ?? 100, marker: Marker });
      return {
        CacheParameterGroups: page.items.map((group) => describe(caller, group)),
        Marker: page.next,
      };
    },
  ),
  DescribeCacheParameters: operation(
    z.strictObject({
      ...named,
      Source: z.enum(["user", "system", "engine-default"]).optional(),
      ...PAGING,
    }),
    (caller, { CacheParameterGroupName, Source, MaxRecords, Marker }) => {
      const { body } = groupNamed(caller, CacheParameterGroupName);
      const all = Object.entries(PARAMETERS)
        .map(([name, parameter]): ParameterAnswer => {
          const value = body.values[name];
          return {
            ParameterName: name,
            ParameterValue: value ?? parameter.standard,
            Description: parameter.description,
            Source: value === undefined ? "system" : "user",
            DataType: parameter.dataType,
            AllowedValues: parameter.allowed,
            IsModifiable: true,
            ChangeType: "immediate",
          };
        })
        .filter((parameter) => [undefined, parameter.Source].includes(Source));
      const page = pageOf(all, { size: MaxRecords ?? 100, marker: Marker });
      return { Parameters: page.items, CacheNodeTypeSpecificParameters: [], Marker: page.next };
    },
  ),
  ModifyCacheParameterGroup: operation(
    z.strictObject({
      ...named,
      ParameterNameValues: z
        .array(z.strictObject({ ParameterName: z.string(), ParameterValue: z.string() }))
        .min(1)
        .max(20),
    }),
    (caller, { CacheParameterGroupName, ParameterNameValues }) => {
      const group = changeable(caller, CacheParameterGroupName);
      const values = { ...group.body.values };
      for (const { ParameterName: name, ParameterValue: value } of ParameterNameValues) {
        checkValue(name, value);
        values[name] = value;
      }
      change(caller, group, values);
      return { CacheParameterGroupName: group.name };
    },
  ),
  ResetCacheParameterGroup: operation(
    z.strictObject({
      ...named,
      ResetAllParameters: z.boolean().default(false),
      ParameterNameValues: z
        .array(z.strictObject({ ParameterName: z.string(), ParameterValue: z.string().optional() }))
        .default([]),
    }),
    (caller, { CacheParameterGroupName, ResetAllParameters, ParameterNameValues }) => {
      const group = changeable(caller, CacheParameterGroupName);
      if (ResetAllParameters === ParameterNameValues.length > 0) {
        throw invalidCombination("Give either ResetAllParameters or ParameterNameValues.");
      }
      const names = ParameterNameValues.map(({ ParameterName }) => ParameterName);
      const kept = Object.entries(group.body.values).filter(
        ([name]) => !ResetAllParameters && !names.includes(name),
      );
      change(caller, group, Object.fromEntries(kept));
      return { CacheParameterGroupName: group.name };
    },
  ),
  DeleteCacheParameterGroup: operation(
    z.strictObject(named),
    (caller, { CacheParameterGroupName }) => {
      const { id } = changeable(caller, CacheParameterGroupName);
      if (usersOf(caller, id).length > 0) {
        throw refusal(
          "InvalidCacheParameterGroupState",
          "One or more replication groups are still members of this parameter group, so it cannot be deleted.",
        );
      }
      collectionOf(caller, "parametergroup").remove(caller.scope, id);
      return {};
    },
  ),
};

/** The name of the group that a cache of this engine gets. Throws the vendor's refusals. */
export function parameterGroupFor(
  caller: Caller,
  engine: Engine,
  name: string | undefined,
): string {
  const family = familyOf(engine);
  const group = groupNamed(caller, name ?? defaultParameterGroup(family));
  if (group.body.family === family) return group.name;
  throw invalidCombination(
    `Expected a parameter group of family ${family} but found one of family ${group.body.family}.`,
  );
}

type NamedGroup = Pick<ParameterGroup, "name" | "body">;

const groupNamed = (caller: Caller, name: string): NamedGroup => {
  const family = families.find((one) => defaultParameterGroup(one) === name.toLowerCase());
  return family === undefined ? find(caller, "parametergroup", name) : defaultGroup(family);
};

const defaultGroup = (family: string): NamedGroup => ({
  name: defaultParameterGroup(family),
  body: {
    family,
    description: `Default parameter group for ${family}`,
    values: {},
    tags: {},
  },
});

function changeable(caller: Caller, name: string): ParameterGroup {
  if (/^default\./i.test(name)) {
    throw refusal(
      "InvalidCacheParameterGroupState",
      "A default cache parameter group cannot be modified or deleted.",
    );
  }
  return find(caller, "parametergroup", name);
}

/** Every parameter takes effect at once. */
function change(caller: Caller, group: ParameterGroup, values: Record<string, string>): void {
  collectionOf(caller, "parametergroup").update(caller.scope, group.id, {
    body: { ...group.body, values },
  });
  for (const { id } of usersOf(caller, group.name)) advance(caller, id);
}

const usersOf = (caller: Caller, groupName: string) =>
  collectionOf(caller, "replicationgroup")
    .list(caller.scope)
    .filter(({ body }) => body.parameterGroup === groupName);

const describe = (caller: Caller, { name, body }: NamedGroup): CacheParameterGroup => ({
  CacheParameterGroupName: name,
  CacheParameterGroupFamily: body.family,
  Description: body.description,
  IsGlobal: false,
  ARN: cacheArn(caller, "parametergroup", name),
});
