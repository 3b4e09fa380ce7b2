import type { DBParameterGroup, Parameter as RdsParameter } from "@aws-sdk/client-rds";
import { present } from "../../../present.ts";
import { orMissing } from "../../fault.ts";
import { fitName, nameConflicts, nameRow, prefixRow } from "../../names.ts";
import {
  inRequests,
  methodOf,
  normalizeParameters,
  type Parameter,
  parameterChanges,
} from "../../parameters.ts";
import { inherited, optional, output, REPLACE, required } from "../../rows.ts";
import { type AwsContext, define, lowerCase, MANAGED, regionRow } from "../../shared.ts";
import { allTags, liveTags, syncTags, tagList, tagRows } from "../../tags.ts";

const properties = {
  ...regionRow,
  ...tagRows,
  name: nameRow("Name of the group.", 255, { normalize: lowerCase }),
  namePrefix: prefixRow("name"),
  description: optional("string", "Description of the group.", { replace: true, unset: MANAGED }),
  family: required("string", "Family of engine versions, such as postgres17.", REPLACE),
  parameters: optional(
    {
      array: {
        object: {
          applyMethod: inherited("string", "When the parameter takes effect.", {
            values: ["immediate", "pending-reboot"],
          }),
          name: required("string", "Name of the parameter."),
          value: required("string", "Value of the parameter."),
        },
      },
    },
    "Parameters that differ from the family's own.",
    { unset: [], normalize: normalizeParameters },
  ),
  skipDestroy: optional("boolean", "Whether a deletion keeps the group.", { unset: false }),
  arn: output("string", "ARN of the group."),
} as const;

/** `aws.rds.ParameterGroup`. @see https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBParameterGroup.html */
export const dbParameterGroup = define({
  token: "aws:rds/parameterGroup:ParameterGroup",
  title: "DB parameter group",
  doc: "Parameters of DB instances. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html",
  identity: ["region", "name"],
  importFormat: "<name>",
  properties,
  creationTimeUnknown: true,
  parseImportId: (id) => (id === "" ? undefined : { id, state: { name: id } }),
  seal: fitName("name", "namePrefix"),
  validate: (inputs) => nameConflicts(inputs, "name", "namePrefix"),
  async create({ client }, inputs) {
    const rds = await client.rds(inputs);
    const tagsAll = allTags(client, inputs);
    const { DBParameterGroup: made } = await rds.createDBParameterGroup({
      DBParameterGroupName: inputs.name,
      DBParameterGroupFamily: inputs.family,
      Description: inputs.description ?? MANAGED,
      Tags: tagList(tagsAll),
    });
    const region = client.regionOf(inputs);
    return {
      id: inputs.name.toLowerCase(),
      state: { ...stateOf(made ?? {}), region, tagsAll },
    };
  },
  async finish(context, live, inputs) {
    const { client } = context;
    const rds = await client.rds(inputs);
    const group = { DBParameterGroupName: live.id };
    const { set, reset } = parameterChanges(
      (await ownParameters(context, inputs, live.id)).map(parameterOf),
      inputs.parameters ?? [],
    );
    for (const part of inRequests(reset))
      await rds.resetDBParameterGroup({ ...group, Parameters: part.map(requestOf) });
    for (const part of inRequests(set))
      await rds.modifyDBParameterGroup({ ...group, Parameters: part.map(requestOf) });
    return live;
  },
  async read(context, id, { inputs, state }) {
    const { client } = context;
    const rds = await client.rds(state);
    const answer = await orMissing(rds.describeDBParameterGroups({ DBParameterGroupName: id }));
    const found = answer?.DBParameterGroups?.[0];
    if (found?.DBParameterGroupArn === undefined) return undefined;
    const tags = await rds.listTagsForResource({ ResourceName: found.DBParameterGroupArn });
    const parameters = await ownParameters(context, state, id);
    return {
      id,
      state: {
        ...stateOf(found),
        region: client.regionOf(state),
        parameters: parameters.map(parameterOf),
        ...liveTags(client, tags.TagList, inputs ?? state),
      },
    };
  },
  async update({ client }, _id, inputs, known) {
    if (known.state.arn) await syncTags(await client.rds(inputs), client, known.state.arn, inputs);
    return { tagsAll: allTags(client, inputs) };
  },
  async delete({ client }, id, state) {
    if (state.skipDestroy) return;
    await (await client.rds(state)).deleteDBParameterGroup({ DBParameterGroupName: id });
  },
  async findExisting({ client }, inputs) {
    const rds = await client.rds(inputs);
    const { name } = inputs;
    const answer = await orMissing(rds.describeDBParameterGroups({ DBParameterGroupName: name }));
    const found = answer?.DBParameterGroups?.[0];
    const region = client.regionOf(inputs);
    return found && { id: name.toLowerCase(), state: { ...stateOf(found), region } };
  },
});

function stateOf(found: DBParameterGroup) {
  return present({
    name: found.DBParameterGroupName,
    description: found.Description,
    family: found.DBParameterGroupFamily,
    arn: found.DBParameterGroupArn,
  });
}

/** Parameters that somebody has set in the group. */
async function ownParameters(
  { client }: AwsContext,
  where: { readonly region?: string | null | undefined },
  name: string,
): Promise<RdsParameter[]> {
  const rds = await client.rds(where);
  const found: RdsParameter[] = [];
  for (let Marker: string | undefined; ; ) {
    const page = await rds.describeDBParameters({
      DBParameterGroupName: name,
      Source: "user",
      ...(Marker ? { Marker } : {}),
    });
    found.push(...(page.Parameters ?? []));
    Marker = page.Marker;
    if (!Marker) return found;
  }
}

function parameterOf(found: RdsParameter): Parameter & { applyMethod: string } {
  return {
    name: found.ParameterName ?? "",
    value: found.ParameterValue ?? "",
    applyMethod: found.ApplyMethod ?? "immediate",
  };
}

function requestOf(parameter: Parameter): RdsParameter {
  return {
    ParameterName: parameter.name,
    ParameterValue: parameter.value,
    ApplyMethod: methodOf(parameter) === "immediate" ? "immediate" : "pending-reboot",
  };
}
