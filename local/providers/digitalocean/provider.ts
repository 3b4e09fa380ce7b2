/** The `digitalocean` provider for the local cloud: the official package's resources. */
import { digitalOceanUrl } from "../../../providers/digitalocean-api/client.ts";
import type { ProviderDefinition } from "../../../providers/sdk/definition.ts";
import type { Properties } from "../../../providers/sdk/properties.ts";
import { DigitalOceanClient, spacesEndpointOf, spacesFault } from "./client.ts";
import { getDatabaseCa } from "./functions/get-database-ca.ts";
import { getVpc } from "./functions/get-vpc.ts";
import { databaseCluster } from "./resources/database-cluster.ts";
import { databasePostgresqlConfig, databaseValkeyConfig } from "./resources/database-config.ts";
import { databaseConnectionPool } from "./resources/database-connection-pool.ts";
import { databaseDb } from "./resources/database-db.ts";
import { databaseFirewall } from "./resources/database-firewall.ts";
import { databaseUser } from "./resources/database-user.ts";
import { droplet } from "./resources/droplet.ts";
import { firewall } from "./resources/firewall.ts";
import { project } from "./resources/project.ts";
import { projectResources } from "./resources/project-resources.ts";
import { reservedIp } from "./resources/reserved-ip.ts";
import { reservedIpAssignment } from "./resources/reserved-ip-assignment.ts";
import { spacesBucket } from "./resources/spaces-bucket.ts";
import { spacesBucketCorsConfiguration } from "./resources/spaces-bucket-cors-configuration.ts";
import { spacesBucketPolicy } from "./resources/spaces-bucket-policy.ts";
import { spacesKey } from "./resources/spaces-key.ts";
import { sshKey } from "./resources/ssh-key.ts";
import { tag } from "./resources/tag.ts";
import { volume } from "./resources/volume.ts";
import { volumeAttachment } from "./resources/volume-attachment.ts";
import { vpc } from "./resources/vpc.ts";

/** Settings of the official provider's HTTP client, which this one does not have. */
const IGNORED = Object.fromEntries(
  ["httpRetryMax", "httpRetryWaitMax", "httpRetryWaitMin", "requestsPerSecond"].map((name) => [
    name,
    {
      type: "string",
      mode: "optional",
      silent: true,
      doc: "Taken for the official provider's sake; this one repeats requests in its own way.",
    },
  ]),
) as Properties;

/** The provider at the version of the installed npm package, so that programs find it. */
export function digitalOceanProvider(version: string): ProviderDefinition<DigitalOceanClient> {
  return {
    name: "digitalocean",
    version,
    doc: "DigitalOcean, as far as Bulkhead's local cloud serves it.",
    npmPackage: "@pulumi/digitalocean",
    config: {
      token: {
        type: "string",
        mode: "optional",
        secret: true,
        doc: "The API token; else DIGITALOCEAN_TOKEN or DIGITALOCEAN_ACCESS_TOKEN.",
      },
      apiEndpoint: {
        type: "string",
        mode: "optional",
        doc: "URL of the API without /v2; else DIGITALOCEAN_API_URL.",
      },
      spacesEndpoint: {
        type: "string",
        mode: "optional",
        doc: "URL of Spaces, in which {{.Region}} stands for the region; else SPACES_ENDPOINT_URL.",
      },
      spacesAccessId: {
        type: "string",
        mode: "optional",
        doc: "Access key of Spaces; else SPACES_ACCESS_KEY_ID.",
      },
      spacesSecretKey: {
        type: "string",
        mode: "optional",
        secret: true,
        doc: "Secret key of Spaces; else SPACES_SECRET_ACCESS_KEY.",
      },
      ...IGNORED,
    },
    resources: [
      databaseCluster,
      databaseConnectionPool,
      databaseDb,
      databaseFirewall,
      databasePostgresqlConfig,
      databaseUser,
      databaseValkeyConfig,
      droplet,
      firewall,
      project,
      projectResources,
      reservedIp,
      reservedIpAssignment,
      spacesBucket,
      spacesBucketCorsConfiguration,
      spacesBucketPolicy,
      spacesKey,
      sshKey,
      tag,
      volume,
      volumeAttachment,
      vpc,
    ],
    functions: [getDatabaseCa, getVpc],
    connect: (config) => new DigitalOceanClient(config),
    endpoint: (config) => digitalOceanUrl(config.apiEndpoint),
    toFault: (error, config) =>
      spacesFault(error, spacesEndpointOf(config).replace(/\{\{.*?\}\}/, "nyc3")),
  };
}
