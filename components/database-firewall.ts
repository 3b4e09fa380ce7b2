import { DatabaseFirewall } from "@pulumi/digitalocean/databaseFirewall.js";
import type * as pulumi from "@pulumi/pulumi";
import { InputError } from "./input-error.ts";
import type { Source } from "./postgres/vendor.ts";

/**
 * Trusted sources of a managed database at DigitalOcean, which lets everyone in while there are none.
 *
 * @throws InputError without any source.
 * @see https://docs.digitalocean.com/products/databases/postgresql/how-to/secure/
 */
export function databaseFirewall(
  logicalName: string,
  clusterId: pulumi.Input<string>,
  sources: readonly Source[],
  options: pulumi.CustomResourceOptions,
): DatabaseFirewall {
  if (sources.length === 0) {
    throw new InputError(
      `${logicalName} names nobody who may reach it, and DigitalOcean then lets everyone in. ` +
        "Give it sources, or set bulkhead:operatorAddresses.",
    );
  }
  const rules = sources.map((source) =>
    "cidr" in source
      ? { type: "ip_addr", value: source.cidr }
      : { type: "droplet", value: asText(source.dropletId) },
  );
  return new DatabaseFirewall(logicalName, { clusterId, rules }, options);
}

/** Pulumi gives a droplet's id as a text, the vendor's own classes as a number. */
const asText = (id: pulumi.Input<string | number>): pulumi.Input<string> =>
  typeof id === "number" ? String(id) : (id as pulumi.Input<string>);
