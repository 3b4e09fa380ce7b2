import { arnAccount, arnIdentity } from "../identity/arn.ts";
import { bucketName, s3Bucket } from "../identity/bucket.ts";
import { idIdentity } from "../identity/ids.ts";
import { httpIdentity } from "../identity/server.ts";
import { queueOf } from "../identity/sqs.ts";
import { parseUrl } from "../identity/url.ts";
import { BY_ARN, BY_ID } from "./generic.ts";
import {
  type Extractor,
  type Identify,
  named,
  type ReferenceRule,
  type Rule,
  type Vendor,
} from "./table.ts";
import { isHostRecord, server } from "./values.ts";

/** A bucket by its name or by its ARN. */
const bucket: Identify = (text) => {
  if (text.startsWith("arn:")) return arnIdentity(text);
  const name = bucketName(text);
  return name === undefined ? undefined : s3Bucket(name);
};

const queueUrl: Identify = (text) => {
  const url = parseUrl(text);
  return url === undefined ? undefined : queueOf(url);
};

const recordHost: Identify = (name, { of }) =>
  isHostRecord(of("type")) ? httpIdentity(name) : undefined;

/**
 * A thing that has its name within the resource's account and region, which the resource's own ARN
 * tells. What AWS itself puts into each account is nobody's.
 */
const neighbour =
  (kind: string): Identify =>
  (name, { of }) => {
    const own = /^(arn:[^:]*:[^:]*:[^:]*:[^:]*):/.exec(of("arn") ?? "")?.[1];
    const vendors = /^default(?:$|[.:-])/.test(name);
    return own === undefined || vendors ? undefined : arnIdentity(`${own}:${kind}:${name}`);
  };

const neighbours = (kinds: Readonly<Record<string, string>>): ReferenceRule[] =>
  Object.entries(kinds).map(([at, kind]) => named(at, neighbour(kind)));

const servers = (...paths: string[]): Rule[] => paths.map((at) => ({ at, as: server }));

const BUCKET: Extractor = {
  claims: [
    { at: "id", as: bucket },
    { at: "bucket", as: bucket },
  ],
};

/** AWS's own policies for caches, the same in every account. */
const CACHE_POLICIES = ["cachePolicyId", "originRequestPolicyId", "responseHeadersPolicyId"];

/** @pulumi/aws. Source: https://www.pulumi.com/registry/packages/aws/api-docs/ */
export const AWS: Vendor = {
  every: { references: [{ at: "arn", as: arnAccount, kind: "account" }] },
  types: {
    "s3/bucket": BUCKET,
    "s3/bucketV2": BUCKET,
    // Settings and objects of a bucket.
    "s3/*": { claims: [], references: [named("bucket", bucket)] },
    "rds/instance": {
      claims: [BY_ARN, { at: "resourceId", as: idIdentity }, ...servers("address", "endpoint")],
      references: neighbours({ dbSubnetGroupName: "subgrp", parameterGroupName: "pg" }),
    },
    "rds/cluster": {
      claims: [
        BY_ARN,
        { at: "clusterResourceId", as: idIdentity },
        ...servers("endpoint", "readerEndpoint"),
      ],
      references: neighbours({ dbSubnetGroupName: "subgrp" }),
    },
    "rds/clusterInstance": {
      claims: [BY_ARN, { at: "dbiResourceId", as: idIdentity }, ...servers("endpoint")],
    },
    "rds/proxy": { claims: [BY_ARN, ...servers("endpoint")] },
    "docdb/cluster": { claims: [BY_ARN, ...servers("endpoint", "readerEndpoint")] },
    "elasticache/replicationGroup": {
      claims: [
        BY_ARN,
        ...servers(
          "primaryEndpointAddress",
          "readerEndpointAddress",
          "configurationEndpointAddress",
        ),
      ],
      references: neighbours({
        "userGroupIds.*": "usergroup",
        subnetGroupName: "subnetgroup",
        parameterGroupName: "parametergroup",
      }),
    },
    "elasticache/userGroup": {
      claims: [BY_ARN],
      references: neighbours({ "userIds.*": "user" }),
    },
    "elasticache/cluster": {
      claims: [
        BY_ARN,
        ...servers("clusterAddress", "configurationEndpoint", "cacheNodes.*.address"),
      ],
    },
    "elasticache/serverlessCache": {
      claims: [BY_ARN, ...servers("endpoints.*.address", "readerEndpoints.*.address")],
    },
    "memorydb/cluster": { claims: [BY_ARN, ...servers("clusterEndpoints.*.address")] },
    "sqs/queue": { claims: [BY_ARN, { at: "id", as: queueUrl }, { at: "url", as: queueUrl }] },
    "route53/record": {
      claims: [BY_ID, { at: "fqdn", as: recordHost }],
      references: [named("records.*", recordHost)],
    },
    "cloudfront/distribution": {
      claims: [
        BY_ARN,
        { at: "domainName", as: (name) => httpIdentity(name) },
        { at: "aliases.*", as: (name) => httpIdentity(name) },
      ],
      ignore: CACHE_POLICIES.flatMap((policy) => [
        `defaultCacheBehavior.${policy}`,
        `orderedCacheBehaviors.*.${policy}`,
      ]),
    },
  },
};
