import { describe, expect, it } from "vitest";
import { factChanges } from "../../../drift/engine/property-changes.ts";
import { noiseRuleFor } from "../../../drift/noise/filter.ts";
import { NOISE_RULES } from "../../../drift/noise/rules.ts";
import type { FactMap } from "../../../isolation/facts.ts";

const RDS = "aws:rds/instance:Instance";
const CACHE = "aws:elasticache/replicationGroup:ReplicationGroup";
const WORKER = "cloudflare:index/workersScript:WorkersScript";
const TRUSTED = "digitalocean:index/databaseFirewall:DatabaseFirewall";
const BUCKET = "aws:s3/bucket:Bucket";

/** What a vendor answers before and after something happened to a resource. */
interface Case {
  readonly rule: string;
  readonly type: string;
  readonly harmless: readonly [before: FactMap, after: FactMap];
  /** What looks alike, and must stay drift. */
  readonly nearMiss: readonly [before: FactMap, after: FactMap];
}

const source = (value: string, uuid: string, createdAt = "2026-01-01T00:00:00Z") => ({
  type: "ip_addr",
  value,
  uuid,
  createdAt,
});

const CASES: readonly Case[] = [
  {
    rule: "d1-size",
    type: "cloudflare:index/d1Database:D1Database",
    harmless: [
      { fileSize: 4096, numTables: 3 },
      { fileSize: 81_920, numTables: 4 },
    ],
    nearMiss: [{ readReplication: { mode: "disabled" } }, { readReplication: { mode: "auto" } }],
  },
  {
    rule: "worker-times",
    type: WORKER,
    harmless: [
      { modifiedOn: "2026-01-01T00:00:00Z", startupTimeMs: 3 },
      { modifiedOn: "2026-02-01T00:00:00Z", startupTimeMs: 9 },
    ],
    nearMiss: [{ etag: "a" }, { etag: "b" }],
  },
  {
    rule: "change-times",
    type: "cloudflare:index/hyperdriveConfig:HyperdriveConfig",
    harmless: [
      { modifiedOn: "2026-01-01T00:00:00Z" },
      { modifiedOn: "2026-02-01T00:00:00Z", restartedOn: "2026-02-01T00:00:00Z" },
    ],
    nearMiss: [{ createdOn: "2026-01-01T00:00:00Z" }, { createdOn: "2026-02-01T00:00:00Z" }],
  },
  {
    rule: "queue-counts",
    type: "cloudflare:index/queue:Queue",
    harmless: [{ producersTotalCount: 1 }, { producersTotalCount: 2, consumersTotalCount: 1 }],
    nearMiss: [{ settings: { deliveryPaused: false } }, { settings: { deliveryPaused: true } }],
  },
  {
    rule: "firewall-progress",
    type: "digitalocean:index/firewall:Firewall",
    harmless: [
      { status: "waiting", pendingChanges: [{ dropletId: 1, removing: false, status: "waiting" }] },
      { status: "succeeded", pendingChanges: [] },
    ],
    nearMiss: [{ dropletIds: [1] }, { dropletIds: [] }],
  },
  {
    rule: "trusted-source-records",
    type: TRUSTED,
    harmless: [
      { rules: [source("10.0.0.1", "u1"), source("10.0.0.2", "u2")] },
      { rules: [source("10.0.0.2", "u2"), source("10.0.0.1", "u3", "2026-02-01T00:00:00Z")] },
    ],
    nearMiss: [
      { rules: [source("10.0.0.1", "u1"), source("10.0.0.2", "u2")] },
      { rules: [source("10.0.0.1", "u1"), source("10.0.0.9", "u2")] },
    ],
  },
  {
    rule: "droplet-price",
    type: "digitalocean:index/droplet:Droplet",
    harmless: [
      { priceMonthly: 24, priceHourly: 0.03, locked: false },
      { priceMonthly: 28, priceHourly: 0.04, locked: true },
    ],
    nearMiss: [{ status: "active" }, { status: "off" }],
  },
  {
    rule: "volume-attached",
    type: "digitalocean:index/volume:Volume",
    harmless: [{ dropletIds: [] }, { dropletIds: [500_000_001] }],
    nearMiss: [{ dropletIds: [500_000_001] }, { dropletIds: [500_000_002] }],
  },
  {
    rule: "metrics-addresses",
    type: "digitalocean:index/databaseCluster:DatabaseCluster",
    harmless: [
      { metricsEndpoints: ["https://a:9273/metrics"] },
      { metricsEndpoints: ["https://b:9273/metrics"] },
    ],
    nearMiss: [{ host: "a" }, { host: "b" }],
  },
  {
    rule: "engine-patch",
    type: RDS,
    harmless: [{ engineVersionActual: "17.4" }, { engineVersionActual: "17.10" }],
    nearMiss: [{ engineVersionActual: "17.4" }, { engineVersionActual: "18.1" }],
  },
  {
    rule: "restorable-time",
    type: RDS,
    harmless: [
      { latestRestorableTime: "2026-01-01T00:00:00Z" },
      { latestRestorableTime: "2026-01-01T00:05:00Z" },
    ],
    nearMiss: [{ endpoint: "a:5432" }, { endpoint: "b:5432" }],
  },
  {
    rule: "vendor-windows",
    type: CACHE,
    harmless: [
      { maintenanceWindow: "sun:05:00-sun:06:00", snapshotWindow: "03:00-04:00" },
      { maintenanceWindow: "mon:05:00-mon:06:00", snapshotWindow: "04:00-05:00" },
    ],
    nearMiss: [{ primaryEndpointAddress: "a" }, { primaryEndpointAddress: "b" }],
  },
  {
    rule: "vendor-working",
    type: RDS,
    harmless: [{ status: "available" }, { status: "backing-up" }],
    nearMiss: [{ status: "available" }, { status: "stopped" }],
  },
  {
    rule: "bucket-of-parts",
    type: BUCKET,
    harmless: [
      {},
      {
        versioning: { enabled: true, mfaDelete: false },
        serverSideEncryptionConfiguration: {
          rule: { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } },
        },
      },
    ],
    nearMiss: [{ versioning: { enabled: true } }, { versioning: { enabled: false } }],
  },
];

const verdicts = (
  { type }: Case,
  [before, after]: readonly [FactMap, FactMap],
  rules = NOISE_RULES,
) => factChanges(before, after).map((change) => noiseRuleFor({ type }, change, rules)?.name);

describe("noise", () => {
  it("has a case for each rule, and each rule one name", () => {
    const names = NOISE_RULES.map(({ name }) => name);
    expect(CASES.map(({ rule }) => rule)).toEqual(names);
    expect(new Set(names).size).toBe(names.length);
  });

  describe.each(CASES)("$rule", (each) => {
    it("takes what the vendor does by itself out, and says why", () => {
      const found = verdicts(each, each.harmless);
      expect(found.length).toBeGreaterThan(0);
      expect(new Set(found)).toEqual(new Set([each.rule]));
      expect(NOISE_RULES.find(({ name }) => name === each.rule)?.why).toMatch(/^[A-Z].*\.$/);
    });

    it("leaves what looks alike", () => {
      const found = verdicts(each, each.nearMiss);
      expect(found.length).toBeGreaterThan(0);
      expect(new Set(found)).toEqual(new Set([undefined]));
    });

    it("is for its own types alone", () => {
      const [before, after] = each.harmless;
      const other = { ...each, type: "aws:iam/role:Role" };
      expect(new Set(verdicts(other, [before, after]))).toEqual(new Set([undefined]));
    });

    it("is needed: without it there would be drift", () => {
      const others = NOISE_RULES.filter(({ name }) => name !== each.rule);
      expect(verdicts(each, each.harmless, others)).toContain(undefined);
    });
  });

  it("never takes a bucket that is encrypted by somebody's own key for one that the vendor encrypts", () => {
    const sse = (sseAlgorithm: string) => ({
      serverSideEncryptionConfiguration: {
        rule: { applyServerSideEncryptionByDefault: { sseAlgorithm } },
      },
    });
    const [own] = factChanges({}, sse("aws:kms"));
    const [vendors] = factChanges({}, sse("AES256"));
    expect(own && noiseRuleFor({ type: BUCKET }, own)).toBeUndefined();
    expect(vendors && noiseRuleFor({ type: BUCKET }, vendors)?.name).toBe("bucket-of-parts");
  });
});
