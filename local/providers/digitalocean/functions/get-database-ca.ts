import { defineFunction } from "../../../../providers/sdk/definition.ts";
import type { DigitalOceanClient } from "../client.ts";
import { clusterPath } from "../resources/shared.ts";

/** `digitalocean.getDatabaseCa`. Source: https://docs.digitalocean.com/reference/api/digitalocean/#operation/databases_get_ca */
export const getDatabaseCa = defineFunction<DigitalOceanClient>()({
  token: "digitalocean:index/getDatabaseCa:getDatabaseCa",
  doc: "The certificate of the authority that signs a cluster's certificates.",
  args: {
    clusterId: { type: "string", mode: "required", doc: "The ID of the source database cluster." },
  },
  returns: {
    certificate: { type: "string", mode: "output", doc: "The CA certificate, PEM." },
    clusterId: { type: "string", mode: "output", doc: "The ID of the cluster." },
    id: { type: "string", mode: "output", doc: "The ID of the cluster." },
  },
  async run({ api }, { clusterId }) {
    const { ca } = await api.get<{ ca: { certificate: string } }>(clusterPath(clusterId, "ca"));
    // The vendor's JSON carries PEM in base64.
    const certificate = Buffer.from(ca.certificate, "base64").toString("utf8");
    return { certificate, clusterId, id: clusterId };
  },
});
