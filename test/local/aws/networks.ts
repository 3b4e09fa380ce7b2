import { CreateSecurityGroupCommand, CreateVpcCommand } from "@aws-sdk/client-ec2";
import type { AwsClients } from "../../support/aws.ts";

/** Creates a VPC and gives its id. */
export async function newVpc({ ec2 }: Pick<AwsClients, "ec2">): Promise<string> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
  return Vpc?.VpcId ?? "";
}

/** Creates a security group in a VPC and gives its id. */
export async function newGroup(
  { ec2 }: Pick<AwsClients, "ec2">,
  VpcId: string,
  GroupName = "web",
): Promise<string> {
  const { GroupId = "" } = await ec2.send(
    new CreateSecurityGroupCommand({ GroupName, Description: "web servers", VpcId }),
  );
  return GroupId;
}
