import type { Certificate, DBEngineVersion, OrderableDBInstanceOption } from "@aws-sdk/client-rds";
import { z } from "zod";
import { arnOf, type Caller } from "../caller.ts";
import { filterSchema } from "../filters.ts";
import { pageOf } from "../paging.ts";
import { invalidCombination, invalidValue, notFound } from "../protocol/errors.ts";
import { type Operations, operation } from "../protocol/operation.ts";
import { zonesOf } from "../regions.ts";
import { FAMILY } from "./parameters.ts";

export const ENGINE = "postgres";
const MAJOR_VERSION = "17";
export const OPTION_GROUP = "default:postgres-17";

/** Instance classes by family, each in these sizes. */
const CLASSES: Readonly<Record<string, readonly string[]>> = {
  t3: ["micro", "small", "medium", "large", "xlarge", "2xlarge"],
  t4g: ["micro", "small", "medium", "large", "xlarge", "2xlarge"],
  ...Object.fromEntries(
    ["m5", "m6g", "m6i", "m7g", "m7i", "m8g", "r5", "r6g", "r6i", "r7g", "r7i", "r8g"].map(
      (family) => [
        family,
        ["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"],
      ],
    ),
  ),
};
const classes = Object.entries(CLASSES).flatMap(([family, sizes]) =>
  sizes.map((size) => `db.${family}.${size}`),
);

export const STORAGE_TYPES = ["gp2", "gp3", "io1", "io2", "standard"] as const;
export const CERTIFICATE_AUTHORITIES = [
  "rds-ca-rsa2048-g1",
  "rds-ca-rsa4096-g1",
  "rds-ca-ecc384-g1",
] as const;

/** The full version that `asked` means; the local cloud has one. Throws the vendor's refusal of others. */
export async function engineVersion({ cloud }: Caller, asked: string | undefined): Promise<string> {
  const { postgres } = await cloud.engines.versions();
  if (asked === undefined || asked === postgres || asked === MAJOR_VERSION) return postgres;
  throw invalidCombination(
    `Cannot find version ${asked} for ${ENGINE}. The local cloud has ${postgres}.`,
  );
}

/** Throws the vendor's refusal of a class that it does not have. */
export function checkClass(instanceClass: string): void {
  if (classes.includes(instanceClass)) return;
  throw invalidValue(`Invalid DB Instance class: ${instanceClass}`);
}

export function checkEngine(engine: string): void {
  if (engine === ENGINE) return;
  throw invalidValue(`Invalid DB engine: ${engine}. The local cloud has ${ENGINE}.`);
}

const PAGING = {
  MaxRecords: z.int().min(20).max(100).optional(),
  Marker: z.string().optional(),
};

export const catalogOperations: Operations = {
  DescribeDBEngineVersions: operation(
    z.strictObject({
      Engine: z.string().optional(),
      EngineVersion: z.string().optional(),
      DBParameterGroupFamily: z.string().optional(),
      DefaultOnly: z.boolean().optional(),
      IncludeAll: z.boolean().optional(),
      Filters: filterSchema,
      ...PAGING,
    }),
    async ({ cloud }, request) => {
      const { postgres } = await cloud.engines.versions();
      const isWanted =
        (request.Engine ?? ENGINE) === ENGINE &&
        [undefined, MAJOR_VERSION, postgres].includes(request.EngineVersion) &&
        (request.DBParameterGroupFamily ?? FAMILY) === FAMILY;
      const version: DBEngineVersion = {
        Engine: ENGINE,
        EngineVersion: postgres,
        MajorEngineVersion: MAJOR_VERSION,
        DBParameterGroupFamily: FAMILY,
        DBEngineDescription: "PostgreSQL",
        DBEngineVersionDescription: `PostgreSQL ${postgres}`,
        Status: "available",
        ValidUpgradeTarget: [],
        SupportedCACertificateIdentifiers: [...CERTIFICATE_AUTHORITIES],
        SupportsReadReplica: false,
        SupportsLogExportsToCloudwatchLogs: false,
      };
      return { DBEngineVersions: isWanted ? [version] : [] };
    },
  ),
  DescribeOrderableDBInstanceOptions: operation(
    z.strictObject({
      Engine: z.string(),
      EngineVersion: z.string().optional(),
      DBInstanceClass: z.string().optional(),
      LicenseModel: z.string().optional(),
      Vpc: z.boolean().optional(),
      Filters: filterSchema,
      ...PAGING,
    }),
    async ({ cloud, region }, request) => {
      const { postgres } = await cloud.engines.versions();
      const isWanted =
        request.Engine === ENGINE &&
        [undefined, MAJOR_VERSION, postgres].includes(request.EngineVersion);
      const options = (isWanted ? classes : [])
        .filter((instanceClass) => [undefined, instanceClass].includes(request.DBInstanceClass))
        .flatMap((DBInstanceClass) =>
          STORAGE_TYPES.map(
            (StorageType): OrderableDBInstanceOption => ({
              Engine: ENGINE,
              EngineVersion: postgres,
              DBInstanceClass,
              StorageType,
              LicenseModel: "postgresql-license",
              AvailabilityZones: zonesOf(region).map((Name) => ({ Name })),
              MultiAZCapable: true,
              ReadReplicaCapable: false,
              SupportsStorageEncryption: true,
              SupportsIAMDatabaseAuthentication: false,
              SupportsPerformanceInsights: false,
              Vpc: true,
              MinStorageSize: 20,
              MaxStorageSize: 65536,
            }),
          ),
        );
      const page = pageOf(options, { size: request.MaxRecords ?? 100, marker: request.Marker });
      return { OrderableDBInstanceOptions: page.items, Marker: page.next };
    },
  ),
  DescribeCertificates: operation(
    z.strictObject({
      CertificateIdentifier: z.string().optional(),
      Filters: filterSchema,
      ...PAGING,
    }),
    (caller, { CertificateIdentifier }) => {
      const names = CERTIFICATE_AUTHORITIES.filter(
        (name) => (CertificateIdentifier ?? name) === name,
      );
      if (names.length === 0) {
        throw notFound("CertificateNotFound", `Certificate ${CertificateIdentifier} not found.`);
      }
      return {
        DefaultCertificateForNewLaunches: CERTIFICATE_AUTHORITIES[0],
        Certificates: names.map(
          (name): Certificate => ({
            CertificateIdentifier: name,
            CertificateType: "CA",
            CertificateArn: arnOf(caller, "rds", `cert:${name}`),
            CustomerOverride: false,
          }),
        ),
      };
    },
  ),
};
