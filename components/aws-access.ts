import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import type * as pulumi from "@pulumi/pulumi";
import { InputError } from "./input-error.ts";
import type { Source } from "./postgres/vendor.ts";

/** A security group by which the sources, and nobody else, reach one port of a server. */
export function serverAccess(
  logicalName: string,
  server: {
    readonly name: string;
    readonly port: number;
    readonly vpcId: pulumi.Input<string>;
    readonly sources: readonly Source[];
    readonly tags: Readonly<Record<string, string>>;
  },
  options: pulumi.CustomResourceOptions,
): SecurityGroup {
  const { name, port, vpcId, sources, tags } = server;
  return new SecurityGroup(
    logicalName,
    {
      name,
      description: `Who reaches ${name}`,
      vpcId,
      ingress: sources.map((source) => ({
        protocol: "tcp",
        fromPort: port,
        toPort: port,
        cidrBlocks: [cidrOf(source)],
      })),
      tags,
    },
    options,
  );
}

function cidrOf(source: Source): string {
  if ("cidr" in source) return source.cidr;
  throw new InputError("A droplet cannot be a source at AWS. Give its address as cidr.");
}
