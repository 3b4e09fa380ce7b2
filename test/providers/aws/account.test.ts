import { expect, test } from "vitest";
import type { AwsClient } from "../../../local/providers/aws/client.ts";
import { awsProvider } from "../../../local/providers/aws/provider.ts";

const OWN = "111111111111";
const OTHER = "222222222222";
const TOKEN = "aws:ec2/subnet:Subnet";
const subnet = awsProvider("7.48.0").resources.find(({ token }) => token === TOKEN);

/** An account without a single subnet. */
function contextOf(account: string, deleted: string[] = []) {
  const missing = Object.assign(new Error("The subnet ID does not exist"), {
    name: "InvalidSubnetID.NotFound",
    $metadata: { httpStatusCode: 400 },
  });
  const client = {
    settings: { skipCredentialsValidation: false },
    account: async () => account,
    ec2: async () => ({
      describeSubnets: () => Promise.reject(missing),
      deleteSubnet: async ({ SubnetId }: { SubnetId: string }) => deleted.push(SubnetId),
    }),
  } as unknown as AwsClient;
  return {
    client,
    urn: `urn:pulumi:test::shop::${TOKEN}::net`,
    what: `subnet "net" (${TOKEN})`,
    signal: new AbortController().signal,
    log: () => {},
    fault: () => undefined,
  };
}

const state = { vpcId: "vpc-1", arn: `arn:aws:ec2:us-east-1:${OWN}:subnet/subnet-1` };

test("what its own account no longer has is gone", async () => {
  const known = { inputs: undefined, state };
  expect(await subnet?.read(contextOf(OWN), "subnet-1", known)).toBeUndefined();
});

test("what another account's credentials do not see is not taken for gone (T14)", async () => {
  const known = { inputs: undefined, state };
  await expect(subnet?.read(contextOf(OTHER), "subnet-1", known)).rejects.toThrow(
    /belongs to the account 111111111111, and the credentials to 222222222222/,
  );
});

test("nothing is deleted by the credentials of another account", async () => {
  const deleted: string[] = [];
  await expect(subnet?.delete(contextOf(OTHER, deleted), "subnet-1", state)).rejects.toThrow(
    /Use the credentials of this stack's own account/,
  );
  expect(deleted).toEqual([]);
  await subnet?.delete(contextOf(OWN, deleted), "subnet-1", state);
  expect(deleted).toEqual(["subnet-1"]);
});
