import type { DBParameterGroup, Parameter as ParameterAnswer } from "@aws-sdk/client-rds";
import { z } from "zod";
import { NameTakenError } from "../../store/document-store.ts";
import type { Caller } from "../caller.ts";
import { filterSchema } from "../filters.ts";
import { pageOf } from "../paging.ts";
import { invalidCombination, invalidValue, refusal } from "../protocol/errors.ts";
import { type Operations, operation } from "../protocol/operation.ts";
import { tagSchema, withTags } from "../tags.ts";
import { parametersAfterChange } from "./applied-parameters.ts";
import {
  collectionOf,
  find,
  type ParameterGroup,
  type ParameterGroupBody,
  rdsArn,
} from "./documents.ts";
import { advance } from "./instance-work.ts";
import { checkValue, FAMILY, type Parameter, parameters } from "./parameters.ts";

/** The vendor's own group, which cannot be changed. */
const DEFAULT = `default.${FAMILY}`;

const PAGING = {
  Filters: filterSchema,
  MaxRecords: z.int().min(20).max(100).optional(),
  Marker: z.string().optional(),
};

const named = { DBParameterGroupName: z.string() };

export const parameterGroupOperations: Operations = {
  CreateDBParameterGroup: operation(
    z.strictObject({
      DBParameterGroupName: z
        .string()
        .regex(/^[a-zA-Z](-?[a-zA-Z0-9.])*$/)
        .max(255),
      DBParameterGroupFamily: z.string(),
      Description: z.string().min(1),
      Tags: z.array(tagSchema).default([]),
    }),
    (caller, request) => {
      const name = request.DBParameterGroupName.toLowerCase();
      if (request.DBParameterGroupFamily !== FAMILY) {
        throw invalidValue(
          `ParameterGroupFamily ${request.DBParameterGroupFamily} is not a valid parameter group family. The local cloud has ${FAMILY}.`,
        );
      }
      if (name.startsWith("default.")) throw invalidValue(`The name ${name} is reserved.`);
      const tags = withTags({}, request.Tags);
      const body = { family: FAMILY, description: request.Description, values: {}, tags };
      try {
        const group = collectionOf(caller, "pg").insert(caller.scope, { id: name, name, body });
        return { DBParameterGroup: describe(caller, group) };
      } catch (error) {
        if (!(error instanceof NameTakenError)) throw error;
        throw refusal("DBParameterGroupAlreadyExists", `Parameter group ${name} already exists`);
      }
    },
  ),
  DescribeDBParameterGroups: operation(
    z.strictObject({ DBParameterGroupName: z.string().optional(), ...PAGING }),
    (caller, { DBParameterGroupName: name, MaxRecords, Marker }) => {
      const groups =
        name === undefined
          ? [defaultGroup(), ...collectionOf(caller, "pg").list(caller.scope)]
          : [groupNamed(caller, name)];
      const page = pageOf(groups, { size: MaxRecords ?? 100, marker: Marker });
      return {
        DBParameterGroups: page.items.map((group) => describe(caller, group)),
        Marker: page.next,
      };
    },
  ),
  DescribeDBParameters: operation(
    z.strictObject({
      ...named,
      Source: z.enum(["user", "system", "engine-default"]).optional(),
      ...PAGING,
    }),
    (caller, { DBParameterGroupName, Source, MaxRecords, Marker }) => {
      const { body } = groupNamed(caller, DBParameterGroupName);
      const all = [...parameters.values()]
        .map((parameter) => describeParameter(parameter, body))
        .filter((parameter) => [undefined, parameter.Source].includes(Source));
      const page = pageOf(all, { size: MaxRecords ?? 100, marker: Marker });
      return { Parameters: page.items, Marker: page.next };
    },
  ),
  ModifyDBParameterGroup: operation(
    z.strictObject({
      ...named,
      Parameters: z
        .array(
          z.strictObject({
            ParameterName: z.string(),
            ParameterValue: z.string(),
            ApplyMethod: z.enum(["immediate", "pending-reboot"]),
          }),
        )
        .min(1)
        .max(20),
    }),
    (caller, { DBParameterGroupName, Parameters }) => {
      const group = changeable(caller, DBParameterGroupName);
      const values = { ...group.body.values };
      for (const { ParameterName, ParameterValue: value, ApplyMethod: method } of Parameters) {
        const parameter = knownParameter(ParameterName);
        checkValue(parameter, value);
        if (parameter.applyType === "static" && method === "immediate") {
          throw invalidCombination(
            `cannot use immediate apply method for static parameter: ${parameter.name}`,
          );
        }
        values[parameter.name] = { value, method };
      }
      const names = Parameters.map(({ ParameterName }) => ParameterName.toLowerCase());
      change(caller, group, values, names);
      return { DBParameterGroupName: group.name };
    },
  ),
  ResetDBParameterGroup: operation(
    z.strictObject({
      ...named,
      ResetAllParameters: z.boolean().default(false),
      Parameters: z
        .array(
          z.strictObject({
            ParameterName: z.string(),
            ApplyMethod: z.enum(["immediate", "pending-reboot"]).optional(),
            ParameterValue: z.string().optional(),
          }),
        )
        .default([]),
    }),
    (caller, { DBParameterGroupName, ResetAllParameters, Parameters }) => {
      const group = changeable(caller, DBParameterGroupName);
      if (ResetAllParameters === Parameters.length > 0) {
        throw invalidCombination("Give either ResetAllParameters or Parameters.");
      }
      const names = ResetAllParameters
        ? Object.keys(group.body.values)
        : Parameters.map(({ ParameterName }) => knownParameter(ParameterName).name);
      const values = Object.fromEntries(
        Object.entries(group.body.values).filter(([name]) => !names.includes(name)),
      );
      change(caller, group, values, names);
      return { DBParameterGroupName: group.name };
    },
  ),
  DeleteDBParameterGroup: operation(z.strictObject(named), (caller, { DBParameterGroupName }) => {
    const { name, id } = changeable(caller, DBParameterGroupName);
    const isUsed = collectionOf(caller, "db")
      .list(caller.scope)
      .some(({ body }) => body.parameterGroup === name);
    if (isUsed) {
      throw refusal(
        "InvalidDBParameterGroupState",
        "One or more database instances are still members of this parameter group, so the group cannot be deleted",
      );
    }
    collectionOf(caller, "pg").remove(caller.scope, id);
    return {};
  }),
};

/** The name of the group that an instance gets, which must be. */
export const parameterGroupFor = (caller: Caller, name: string | undefined): string =>
  groupNamed(caller, name ?? DEFAULT).name;

type NamedGroup = Pick<ParameterGroup, "name" | "body">;

const groupNamed = (caller: Caller, name: string): NamedGroup =>
  name.toLowerCase() === DEFAULT ? defaultGroup() : find(caller, "pg", name);

const defaultGroup = (): NamedGroup => ({
  name: DEFAULT,
  body: {
    family: FAMILY,
    description: `Default parameter group for ${FAMILY}`,
    values: {},
    tags: {},
  },
});

function changeable(caller: Caller, name: string): ParameterGroup {
  if (name.toLowerCase() === DEFAULT) {
    throw refusal("InvalidDBParameterGroupState", "Default DBParameterGroup cannot be modified");
  }
  return find(caller, "pg", name);
}

/** Keeps the group's new values, and has its instances take those of the changed ones that may take effect now. */
function change(
  caller: Caller,
  group: ParameterGroup,
  values: ParameterGroupBody["values"],
  changed: readonly string[],
): void {
  const instances = collectionOf(caller, "db");
  const affected = instances
    .list(caller.scope)
    .filter(({ body }) => body.parameterGroup === group.name);
  caller.cloud.store.transaction(() => {
    collectionOf(caller, "pg").update(caller.scope, group.id, {
      body: { ...group.body, values },
    });
    for (const { id, body } of affected) {
      const parameters = parametersAfterChange(caller, group.name, body.parameters, changed);
      instances.update(caller.scope, id, { body: { ...body, parameters } });
    }
  });
  for (const { id } of affected) advance(caller, id);
}

function knownParameter(name: string): Parameter {
  const parameter = parameters.get(name.toLowerCase());
  if (parameter !== undefined) return parameter;
  throw invalidValue(`Could not find parameter with name: ${name}`);
}

const describe = (caller: Caller, { name, body }: NamedGroup): DBParameterGroup => ({
  DBParameterGroupName: name,
  DBParameterGroupArn: rdsArn(caller, "pg", name),
  DBParameterGroupFamily: body.family,
  Description: body.description,
});

function describeParameter(
  { name, applyType, dataType, allowed, description }: Parameter,
  { values }: ParameterGroupBody,
): ParameterAnswer {
  const set = values[name];
  // The one that the vendor itself sets: connections without SSL are refused.
  const system = name === "rds.force_ssl" ? "1" : undefined;
  const value = set?.value ?? system;
  return {
    ParameterName: name,
    ...(value === undefined ? {} : { ParameterValue: value }),
    ...(allowed === undefined ? {} : { AllowedValues: allowed }),
    Description: description,
    Source: set !== undefined ? "user" : system !== undefined ? "system" : "engine-default",
    ApplyType: applyType,
    ApplyMethod: set?.method ?? "pending-reboot",
    DataType: dataType,
    IsModifiable: true,
  };
}
