import { cloudflareAccount, cloudflareZone } from "../identity/account.ts";
import { gcsBucket, s3Bucket } from "../identity/bucket.ts";
import { idIdentity } from "../identity/ids.ts";
import { routeHost, routeIdentity } from "../identity/route.ts";
import { httpIdentity } from "../identity/server.ts";
import {
  aiSearch,
  BINDING_RULES,
  PAGES_RULES,
  r2,
  storedSecret,
  within,
} from "./cloudflare-bindings.ts";
import { BY_ID } from "./generic.ts";
import { byId, type Extractor, type Identify, named, type Rule, type Vendor } from "./table.ts";
import { isHostRecord, server } from "./values.ts";

const worker = within("worker");
const queueName = within("queue-name");
const host: Identify = (name) => httpIdentity(name);

/** The full name that a record is for; within its zone where it is not written out. */
const recordHost: Identify = (name, { of }) => {
  if (!isHostRecord(of("type"))) return undefined;
  const full = name.includes(".") ? httpIdentity(name) : undefined;
  const zone = of("zoneId");
  if (full !== undefined || zone === undefined) return full;
  return `dns-name:${zone.toLowerCase()}/${name.trim().toLowerCase()}`;
};

const recordTarget: Identify = (target, { of }) =>
  isHostRecord(of("type")) ? httpIdentity(target) : undefined;

const hostOfRoute: Identify = (pattern) => {
  const name = routeHost(pattern);
  return name === undefined ? undefined : httpIdentity(name);
};

/** The bucket that objects are copied from, at the vendor that stands beside it. */
const sippySource: Identify = (name, { beside }) => {
  const vendor = beside("cloudProvider");
  if (vendor === "aws") return s3Bucket(name);
  return vendor === "gcs" ? gcsBucket(name) : undefined;
};

const ID: Rule = { at: "id", as: idIdentity };

/** Settings of a bucket; their id is the bucket's name. */
const OF_BUCKET: Extractor = { claims: [], references: [named("bucketName", r2)] };

/** Settings of a Worker; their id is the Worker's name. */
const OF_WORKER: Extractor = { claims: [], references: [named("scriptName", worker)] };

const WORKER: Extractor = {
  claims: [{ at: "scriptName", as: worker }],
  references: [...BINDING_RULES, named("tailConsumers.*.service", worker)],
};

const WORKER_DOMAIN: Extractor = {
  claims: [{ at: "hostname", as: host }],
  references: [named("service", worker)],
};

const RECORD: Extractor = {
  claims: [BY_ID, { at: "name", as: recordHost }],
  references: [named("content", recordTarget)],
};

const DISPATCH_NAMESPACE: Extractor = {
  claims: [
    { at: "namespaceId", as: idIdentity },
    { at: "name", as: within("dispatch") },
  ],
};

/** Groups of permissions, the same in every account. */
const TOKEN: Extractor = { ignore: ["policies.*.permissionGroups"] };

/** @pulumi/cloudflare 6. Source: the package's type definitions. */
export const CLOUDFLARE: Vendor = {
  every: {
    references: [
      { at: "accountId", as: cloudflareAccount, kind: "account" },
      byId("zoneId", cloudflareZone),
    ],
  },
  types: {
    "index/accountToken": TOKEN,
    "index/aiGateway": {
      claims: [{ at: "aiGatewayId", as: within("ai-gateway") }],
    },
    "index/aiGatewayDynamicRouting": {
      references: [named("gatewayId", within("ai-gateway"))],
    },
    "index/aiSearchInstance": {
      claims: [{ at: "aiSearchInstanceId", as: aiSearch }],
      references: [
        { ...named("source", r2), when: { type: "r2" } },
        named("aiGatewayId", within("ai-gateway")),
      ],
    },
    "index/apiToken": TOKEN,
    "index/connectivityDirectoryService": {
      references: [
        named("host.hostname", server),
        named("host.ipv4", server),
        named("host.ipv6", server),
      ],
    },
    "index/customHostname": { claims: [BY_ID, { at: "hostname", as: host }] },
    "index/d1Database": { claims: [ID, { at: "uuid", as: idIdentity }] },
    "index/dnsRecord": RECORD,
    "index/hyperdriveConfig": {
      claims: [ID],
      references: [
        named("origin.host", server),
        byId("origin.serviceId", idIdentity),
        byId("mtls.caCertificateId", idIdentity),
        byId("mtls.mtlsCertificateId", idIdentity),
      ],
    },
    "index/pagesDomain": {
      claims: [{ at: "name", as: host }],
      references: [named("projectName", within("pages"))],
    },
    "index/pagesProject": {
      claims: [
        { at: "name", as: within("pages") },
        { at: "subdomain", as: host },
        { at: "domains.*", as: host },
      ],
      references: PAGES_RULES,
    },
    "index/pipeline": { claims: [BY_ID, { at: "name", as: within("pipeline") }] },
    "index/pipelineSink": {
      references: [
        { at: "config.accountId", as: cloudflareAccount, kind: "account" },
        named("config.bucket", r2),
      ],
    },
    "index/queue": {
      claims: [
        { at: "queueId", as: idIdentity },
        { at: "queueName", as: queueName },
      ],
    },
    "index/queueConsumer": {
      references: [
        byId("queueId", idIdentity),
        named("scriptName", worker),
        named("deadLetterQueue", queueName),
      ],
    },
    "index/r2Bucket": { claims: [{ at: "name", as: r2 }] },
    "index/r2BucketCors": OF_BUCKET,
    "index/r2BucketEventNotification": {
      claims: [],
      references: [named("bucketName", r2), byId("queueId", idIdentity)],
    },
    "index/r2BucketLifecycle": OF_BUCKET,
    "index/r2BucketLock": OF_BUCKET,
    "index/r2BucketSippy": {
      claims: [],
      references: [named("bucketName", r2), named("source.bucket", sippySource)],
    },
    "index/r2CustomDomain": {
      claims: [{ at: "domain", as: host }],
      references: [named("bucketName", r2)],
    },
    "index/r2DataCatalog": OF_BUCKET,
    "index/r2ManagedDomain": {
      claims: [{ at: "domain", as: host }],
      references: [named("bucketName", r2)],
    },
    "index/record": RECORD,
    // Rules name Cloudflare's own rulesets, the same in every account.
    "index/ruleset": { ignore: ["rules"] },
    "index/secretsStore": { claims: [ID] },
    "index/secretsStoreSecret": {
      claims: [{ at: "name", as: (name, { beside }) => storedSecret(beside("storeId"), name) }],
      references: [byId("storeId", idIdentity)],
    },
    "index/worker": { claims: [ID, { at: "name", as: worker }] },
    "index/workerCronTrigger": OF_WORKER,
    "index/workerDomain": WORKER_DOMAIN,
    "index/workerScript": WORKER,
    "index/workerVersion": {
      claims: [BY_ID],
      references: [...BINDING_RULES, byId("workerId", idIdentity)],
    },
    "index/workersCronTrigger": OF_WORKER,
    "index/workersCustomDomain": WORKER_DOMAIN,
    "index/workersDeployment": OF_WORKER,
    "index/workersForPlatformsDispatchNamespace": DISPATCH_NAMESPACE,
    "index/workersForPlatformsNamespace": DISPATCH_NAMESPACE,
    // One entry of a namespace; its id is the entry's key.
    "index/workersKv": { claims: [], references: [byId("namespaceId", idIdentity)] },
    "index/workersKvNamespace": { claims: [ID] },
    "index/workersRoute": {
      claims: [
        { at: "pattern", as: routeIdentity },
        { at: "pattern", as: hostOfRoute },
      ],
      references: [named("script", worker)],
    },
    "index/workersScript": WORKER,
    "index/workersScriptSubdomain": OF_WORKER,
    "index/workflow": {
      claims: [{ at: "workflowName", as: within("workflow") }],
      references: [named("scriptName", worker)],
    },
    "index/zone": {
      claims: [{ at: "id", as: cloudflareZone }],
      references: [{ at: "account.id", as: cloudflareAccount, kind: "account" }],
    },
  },
};
