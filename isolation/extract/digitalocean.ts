import { bucketName, spacesBucket, spacesBucketAnywhere } from "../identity/bucket.ts";
import { idIdentity } from "../identity/ids.ts";
import { httpIdentity } from "../identity/server.ts";
import { BY_ID, resourceIdentity } from "./generic.ts";
import { byId, type Extractor, type Identify, named, type Vendor } from "./table.ts";
import { isHostRecord, server, urlHost } from "./values.ts";

const DOMAIN_TYPE = "digitalocean:index/domain:Domain";
const DROPLET_TYPE = "digitalocean:index/droplet:Droplet";

/** A number, unique at the vendor, which no text could be mined for. */
const droplet: Identify = (id) => resourceIdentity(DROPLET_TYPE, id);

/** A key is good in all regions, and says none. */
const spaceAnywhere: Identify = (name) => {
  const bucket = bucketName(name);
  return bucket === undefined ? undefined : spacesBucketAnywhere(bucket);
};

const space: Identify = (name, { of }) => {
  const region = of("region");
  return region === undefined ? undefined : spacesBucket(region, name);
};

const recordHost: Identify = (name, { of }) => {
  const domain = of("domain");
  if (domain === undefined || !isHostRecord(of("type"))) return undefined;
  return httpIdentity(name === "@" ? domain : `${name}.${domain}`);
};

const recordTarget: Identify = (target, { of }) =>
  isHostRecord(of("type")) && target !== "@" ? httpIdentity(target) : undefined;

/** Settings of a bucket. */
const OF_SPACE: Extractor = { claims: [], references: [named("bucket", space)] };

/** @pulumi/digitalocean. Source: https://www.pulumi.com/registry/packages/digitalocean/api-docs/ */
export const DIGITALOCEAN: Vendor = {
  every: {
    references: [
      byId("clusterId", idIdentity),
      byId("dropletId", droplet),
      byId("dropletIds.*", droplet),
    ],
  },
  types: {
    "index/databaseCluster": {
      claims: [BY_ID, { at: "host", as: server }, { at: "privateHost", as: server }],
      references: [byId("privateNetworkUuid", idIdentity), byId("projectId", idIdentity)],
    },
    "index/databaseReplica": {
      claims: [
        BY_ID,
        { at: "uuid", as: idIdentity },
        { at: "host", as: server },
        { at: "privateHost", as: server },
      ],
      references: [byId("privateNetworkUuid", idIdentity)],
    },
    "index/databaseConnectionPool": {
      references: [named("host", server), named("privateHost", server)],
    },
    "index/databaseFirewall": {
      claims: [],
      references: [{ ...byId("rules.*.value", droplet), when: { type: "droplet" } }],
    },
    "index/droplet": {
      claims: [
        { at: "id", as: droplet },
        { at: "ipv4Address", as: server },
        { at: "ipv6Address", as: server },
      ],
      references: [byId("vpcUuid", idIdentity)],
    },
    "index/firewall": {
      references: [
        byId("inboundRules.*.sourceDropletIds.*", droplet),
        byId("outboundRules.*.destinationDropletIds.*", droplet),
      ],
    },
    "index/app": {
      claims: [BY_ID, { at: "liveUrl", as: urlHost }, { at: "defaultIngress", as: urlHost }],
    },
    "index/spacesBucket": { claims: [{ at: "name", as: space }] },
    "index/spacesBucketObject": OF_SPACE,
    "index/spacesBucketPolicy": OF_SPACE,
    "index/spacesBucketCorsConfiguration": OF_SPACE,
    "index/spacesBucketLogging": OF_SPACE,
    "index/spacesKey": {
      claims: [{ at: "accessKey", as: idIdentity }],
      references: [named("grants.*.bucket", spaceAnywhere)],
    },
    "index/domain": { claims: [{ at: "name", as: (name) => resourceIdentity(DOMAIN_TYPE, name) }] },
    "index/dnsRecord": {
      claims: [BY_ID, { at: "name", as: recordHost }],
      references: [
        named("domain", (domain) => resourceIdentity(DOMAIN_TYPE, domain)),
        named("value", recordTarget),
      ],
    },
  },
};
