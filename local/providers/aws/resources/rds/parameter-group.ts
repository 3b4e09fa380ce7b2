import type { DBParameterGroup, Parameter as RdsParameter } from "@aws-sdk/client-rds";
import type { InputsOf, StateOf } from "../../../../../providers/sdk/properties.ts";
import { present } from "../../../present.ts";
import type { AwsClient, Regional } from "../../client.ts";
import { groupPrefixRow, namedOperations } from "../../named.ts";
import { fitName, nameConflicts } from "../../names.ts";
import {
  bringParameters,
  ownParameters,
  type ParameterApi,
  parameterGroupRows,
  parameterRows,
  parametersRow,
} from "../../parameter-groups.ts";
import { methodOf, type Parameter } from "../../parameters.ts";
import { inherited, optional } from "../../rows.ts";
import { define, MANAGED } from "../../shared.ts";

const properties = {
  ...parameterGroupRows,
  ...groupPrefixRow,
  parameters: parametersRow({
    ...parameterRows,
    applyMethod: inherited("string", "When the parameter takes effect.", {
      values: ["immediate", "pending-reboot"],
    }),
  }),
  skipDestroy: optional("boolean", "Whether a deletion keeps the group.", { unset: false }),
} as const;

const { operations } = namedOperations<
  InputsOf<typeof properties>,
  StateOf<typeof properties>,
  DBParameterGroup
>({
  properties,
  nameProperty: "name",
  async open(client, where) {
    const rds = await client.rds(where);
    return {
      service: rds,
      create: async ({ name, family, description = MANAGED }, Tags) => {
        const { DBParameterGroup: made } = await rds.createDBParameterGroup({
          DBParameterGroupName: name,
          DBParameterGroupFamily: family,
          Description: description,
          Tags,
        });
        return made;
      },
      find: async (DBParameterGroupName) =>
        (await rds.describeDBParameterGroups({ DBParameterGroupName })).DBParameterGroups?.[0],
      remove: (DBParameterGroupName) => rds.deleteDBParameterGroup({ DBParameterGroupName }),
    };
  },
  stateOf: (found) =>
    present({
      name: found.DBParameterGroupName,
      description: found.Description,
      family: found.DBParameterGroupFamily,
      arn: found.DBParameterGroupArn,
    }),
  details: async ({ client }, where, name) => ({
    parameters: await ownParameters(await openParameters(client, where), name),
  }),
});

/** `aws.rds.ParameterGroup`. @see https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBParameterGroup.html */
export const dbParameterGroup = define({
  token: "aws:rds/parameterGroup:ParameterGroup",
  title: "DB parameter group",
  doc: "Parameters of DB instances. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html",
  identity: ["region", "name"],
  importFormat: "<name>",
  properties,
  creationTimeUnknown: true,
  seal: fitName("name", "namePrefix"),
  validate: (inputs) => nameConflicts(inputs, "name", "namePrefix"),
  ...operations,
  async finish({ client }, live, inputs) {
    const { parameters = [] } = inputs;
    await bringParameters(await openParameters(client, inputs), live.id, parameters);
    return { id: live.id, state: { ...live.state, parameters } };
  },
  async delete(context, id, state) {
    if (!state.skipDestroy) await operations.delete(context, id, state);
  },
});

async function openParameters(
  client: AwsClient,
  where: Regional,
): Promise<ParameterApi<Parameter & { readonly applyMethod: string }>> {
  const rds = await client.rds(where);
  return {
    async page(DBParameterGroupName, marker) {
      const request = { DBParameterGroupName, Source: "user", ...marker };
      const { Parameters = [], Marker } = await rds.describeDBParameters(request);
      const parameters = Parameters.map((found) => ({
        name: found.ParameterName ?? "",
        value: found.ParameterValue ?? "",
        applyMethod: found.ApplyMethod ?? "immediate",
      }));
      return { parameters, marker: Marker };
    },
    set: (DBParameterGroupName, parameters) =>
      rds.modifyDBParameterGroup({ DBParameterGroupName, Parameters: parameters.map(requestOf) }),
    reset: (DBParameterGroupName, parameters) =>
      rds.resetDBParameterGroup({ DBParameterGroupName, Parameters: parameters.map(requestOf) }),
  };
}

function requestOf(parameter: Parameter): RdsParameter {
  return {
    ParameterName: parameter.name,
    ParameterValue: parameter.value,
    ApplyMethod: methodOf(parameter) === "immediate" ? "immediate" : "pending-reboot",
  };
}
