import { Instance } from "@pulumi/aws/rds/instance.js";
import { SubnetGroup } from "@pulumi/aws/rds/subnetGroup.js";
import { serverAccess } from "../aws-access.ts";
import { environmentTags } from "../environment-tags.ts";
import { InputError } from "../input-error.ts";
import { Secret } from "../secret.ts";
import type { PostgresSpec, PostgresVendor } from "./vendor.ts";

export interface AwsPostgresOptions {
  /** Default: `db.t4g.micro`. */
  readonly instanceClass?: string;
  /** Whether a standby runs in another zone. Default: in production. */
  readonly multiAz?: boolean;
  /** GiB. Default: 20, the least. */
  readonly storage?: number;
}

const PORT = 5432;
/** Days that automatic backups are kept, which is how far back a point in time can be restored. */
const RETENTION_DAYS = { production: 14, other: 1 };

/** Amazon RDS for PostgreSQL in a private network. @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_PostgreSQL.html */
export function awsPostgres(options: AwsPostgresOptions = {}): PostgresVendor {
  return {
    name: "aws",
    create(spec, scope, parent, dataOptions) {
      const { provider, region } = scope.aws;
      const { network } = required(spec);
      const caCertificate = authorityOf(spec, scope.aws.databaseAuthority, region);
      const isProduction = scope.tier === "production";
      const tags = { Name: spec.serverName, ...environmentTags(scope) };
      const child = { parent, provider };
      const subnets = new SubnetGroup(
        spec.logicalName,
        { name: spec.serverName, subnetIds: [...network.subnetIds], tags },
        child,
      );
      const security = serverAccess(
        spec.logicalName,
        { name: spec.serverName, port: PORT, vpcId: network.id, sources: spec.sources, tags },
        child,
      );
      const administrator = "administrator";
      const password = new Secret(`${spec.name}-administrator`, { scope }, { parent });
      const instance = new Instance(
        spec.logicalName,
        {
          identifier: spec.serverName,
          engine: "postgres",
          engineVersion: spec.version,
          instanceClass: options.instanceClass ?? "db.t4g.micro",
          allocatedStorage: options.storage ?? 20,
          username: administrator,
          password: password.value,
          port: PORT,
          dbSubnetGroupName: subnets.name,
          vpcSecurityGroupIds: [security.id],
          storageEncrypted: true,
          publiclyAccessible: false,
          multiAz: options.multiAz ?? isProduction,
          backupRetentionPeriod: isProduction ? RETENTION_DAYS.production : RETENTION_DAYS.other,
          copyTagsToSnapshot: true,
          deletionProtection: scope.protectData,
          skipFinalSnapshot: !isProduction,
          ...(isProduction ? { finalSnapshotIdentifier: `${spec.serverName}-final` } : {}),
          deleteAutomatedBackups: !isProduction,
          applyImmediately: true,
          tags,
        },
        { ...dataOptions, provider },
      );
      const users = spec.users.map((name) => {
        const secret = new Secret(
          `${spec.name}-${name.replaceAll("_", "-")}`,
          { scope },
          { parent },
        );
        return [name, { password: secret.value, exists: false }] as const;
      });
      return {
        server: {
          host: instance.address,
          port: instance.port,
          user: administrator,
          password: password.value,
          database: "postgres",
          sslMode: "verify-full",
          caCertificate,
        },
        users: Object.fromEntries(users),
        databasesExist: false,
        pool: undefined,
        ready: [instance],
      };
    },
  };
}

/** RDS signs its servers' certificates itself, and no system trusts it. */
function authorityOf(spec: PostgresSpec, pem: string | undefined, region: string): string {
  if (pem?.includes("-----BEGIN CERTIFICATE-----")) return pem;
  const problem =
    pem === undefined ? "is not set" : "names a file without a certificate in the form of PEM";
  throw new InputError(
    `${spec.logicalName} is at RDS, whose servers can be verified only by the authorities that AWS publishes, ` +
      `and bulkhead:awsDatabaseAuthorityFile ${problem}. ` +
      `Download https://truststore.pki.rds.amazonaws.com/${region}/${region}-bundle.pem and run ` +
      "pulumi config set bulkhead:awsDatabaseAuthorityFile <the file> " +
      "(the variable AWS_DATABASE_CA_FILE does as well; for the local cloud `npx bulkhead local env` sets it).",
  );
}

function required(spec: PostgresSpec): { network: NonNullable<PostgresSpec["network"]> } {
  if (spec.pool !== undefined) {
    throw new InputError(
      `${spec.logicalName} asks for a pool, which RDS does not have. Leave pool out, or put Hyperdrive in front.`,
    );
  }
  if (spec.network === undefined) {
    throw new InputError(
      `${spec.logicalName} has no network, and RDS would take the account's default one, which others share. ` +
        "Give it a Network of vendor aws.",
    );
  }
  return { network: spec.network };
}
