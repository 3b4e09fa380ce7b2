import type { DBSubnetGroup } from "@aws-sdk/client-rds";
import { present } from "../../../present.ts";
import { orMissing } from "../../fault.ts";
import { fitName, nameConflicts, nameRow, prefixRow } from "../../names.ts";
import { optional, output, required } from "../../rows.ts";
import { asSet, changedInputs, define, lowerCase, MANAGED, regionRow } from "../../shared.ts";
import { allTags, liveTags, syncTags, tagList, tagRows } from "../../tags.ts";

const properties = {
  ...regionRow,
  ...tagRows,
  name: nameRow("Name of the group.", 255, { normalize: lowerCase }),
  namePrefix: prefixRow("name"),
  description: optional("string", "Description of the group.", { unset: MANAGED }),
  subnetIds: required({ array: "string" }, "Ids of the subnets.", { normalize: asSet }),
  arn: output("string", "ARN of the group."),
  supportedNetworkTypes: output({ array: "string" }, "Network types of the group."),
  vpcId: output("string", "VPC of the subnets."),
} as const;

/** `aws.rds.SubnetGroup`. @see https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html */
export const dbSubnetGroup = define({
  token: "aws:rds/subnetGroup:SubnetGroup",
  title: "DB subnet group",
  doc: "Subnets for DB instances. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html",
  identity: ["region", "name"],
  importFormat: "<name>",
  properties,
  creationTimeUnknown: true,
  parseImportId: (id) => (id === "" ? undefined : { id, state: { name: id } }),
  seal: fitName("name", "namePrefix"),
  validate: (inputs) => nameConflicts(inputs, "name", "namePrefix"),
  async create({ client }, inputs) {
    const rds = await client.rds(inputs);
    const { DBSubnetGroup: made } = await rds.createDBSubnetGroup({
      DBSubnetGroupName: inputs.name,
      DBSubnetGroupDescription: inputs.description ?? MANAGED,
      SubnetIds: [...inputs.subnetIds],
      Tags: tagList(allTags(client, inputs)),
    });
    const tagsAll = allTags(client, inputs);
    return {
      id: inputs.name.toLowerCase(),
      state: { ...stateOf(made ?? {}), region: client.regionOf(inputs), tagsAll },
    };
  },
  async read({ client }, id, { inputs, state }) {
    const rds = await client.rds(state);
    const answer = await orMissing(rds.describeDBSubnetGroups({ DBSubnetGroupName: id }));
    const found = answer?.DBSubnetGroups?.[0];
    if (found?.DBSubnetGroupArn === undefined) return undefined;
    const tags = await rds.listTagsForResource({ ResourceName: found.DBSubnetGroupArn });
    return {
      id,
      state: {
        ...stateOf(found),
        region: client.regionOf(state),
        ...liveTags(client, tags.TagList, inputs ?? state),
      },
    };
  },
  async update({ client }, id, inputs, known) {
    const rds = await client.rds(inputs);
    const { tags: _, ...changed } = changedInputs(properties, known, inputs);
    if (Object.keys(changed).length > 0)
      await rds.modifyDBSubnetGroup({
        DBSubnetGroupName: id,
        DBSubnetGroupDescription: inputs.description ?? MANAGED,
        SubnetIds: [...inputs.subnetIds],
      });
    if (known.state.arn) await syncTags(rds, client, known.state.arn, inputs);
    return { tagsAll: allTags(client, inputs) };
  },
  async delete({ client }, id, state) {
    await (await client.rds(state)).deleteDBSubnetGroup({ DBSubnetGroupName: id });
  },
  async findExisting({ client }, inputs) {
    const rds = await client.rds(inputs);
    const { name } = inputs;
    const answer = await orMissing(rds.describeDBSubnetGroups({ DBSubnetGroupName: name }));
    const found = answer?.DBSubnetGroups?.[0];
    const region = client.regionOf(inputs);
    return found && { id: name.toLowerCase(), state: { ...stateOf(found), region } };
  },
});

function stateOf(found: DBSubnetGroup) {
  return present({
    name: found.DBSubnetGroupName,
    description: found.DBSubnetGroupDescription,
    subnetIds: found.Subnets?.flatMap(({ SubnetIdentifier: id }) => id ?? []),
    arn: found.DBSubnetGroupArn,
    supportedNetworkTypes: found.SupportedNetworkTypes ?? [],
    vpcId: found.VpcId,
  });
}
