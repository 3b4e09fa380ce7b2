import type { DBSubnetGroup } from "@aws-sdk/client-rds";
import type { InputsOf, StateOf } from "../../../../../providers/sdk/properties.ts";
import { present } from "../../../present.ts";
import { groupPrefixRow, namedOperations, subnetGroupRows } from "../../named.ts";
import { fitName, nameConflicts } from "../../names.ts";
import { output } from "../../rows.ts";
import { define, MANAGED } from "../../shared.ts";

const properties = {
  ...subnetGroupRows,
  ...groupPrefixRow,
  supportedNetworkTypes: output({ array: "string" }, "Network types of the group."),
} as const;

const { operations } = namedOperations<
  InputsOf<typeof properties>,
  StateOf<typeof properties>,
  DBSubnetGroup
>({
  properties,
  nameProperty: "name",
  async open(client, where) {
    const rds = await client.rds(where);
    return {
      service: rds,
      create: async ({ name, description = MANAGED, subnetIds }, Tags) => {
        const { DBSubnetGroup: made } = await rds.createDBSubnetGroup({
          DBSubnetGroupName: name,
          DBSubnetGroupDescription: description,
          SubnetIds: [...subnetIds],
          Tags,
        });
        return made;
      },
      find: async (DBSubnetGroupName) =>
        (await rds.describeDBSubnetGroups({ DBSubnetGroupName })).DBSubnetGroups?.[0],
      change: (DBSubnetGroupName, { description = MANAGED, subnetIds }) =>
        rds.modifyDBSubnetGroup({
          DBSubnetGroupName,
          DBSubnetGroupDescription: description,
          SubnetIds: [...subnetIds],
        }),
      remove: (DBSubnetGroupName) => rds.deleteDBSubnetGroup({ DBSubnetGroupName }),
    };
  },
  stateOf: (found) =>
    present({
      name: found.DBSubnetGroupName,
      description: found.DBSubnetGroupDescription,
      subnetIds: found.Subnets?.flatMap(({ SubnetIdentifier: id }) => id ?? []),
      arn: found.DBSubnetGroupArn,
      supportedNetworkTypes: found.SupportedNetworkTypes ?? [],
      vpcId: found.VpcId,
    }),
});

/** `aws.rds.SubnetGroup`. @see https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html */
export const dbSubnetGroup = define({
  token: "aws:rds/subnetGroup:SubnetGroup",
  title: "DB subnet group",
  doc: "Subnets for DB instances. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html",
  identity: ["region", "name"],
  importFormat: "<name>",
  properties,
  creationTimeUnknown: true,
  seal: fitName("name", "namePrefix"),
  validate: (inputs) => nameConflicts(inputs, "name", "namePrefix"),
  ...operations,
});
