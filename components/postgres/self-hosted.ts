import { Droplet } from "@pulumi/digitalocean/droplet.js";
import { Firewall } from "@pulumi/digitalocean/firewall.js";
import { Volume } from "@pulumi/digitalocean/volume.js";
import * as pulumi from "@pulumi/pulumi";
import { scramVerifier } from "../../providers/bulkhead/postgres/scram.ts";
import { ServerCertificate } from "../../providers/bulkhead/resources.ts";
import { InputError } from "../input-error.ts";
import { refuseNetwork } from "../network/network.ts";
import { Secret } from "../secret.ts";
import { postgresCloudConfig } from "./cloud-init.ts";
import type { PostgresVendor, Source } from "./vendor.ts";

export interface SelfHostedOptions {
  /** Slug of the machine. Default: `s-2vcpu-4gb`. */
  readonly size?: string;
  /** Slug of an image that has the asked version among its packages. Default: `debian-13-x64`. */
  readonly image?: string;
  /** GiB of the volume that holds the data. Default: 50. It can grow. */
  readonly volume?: number;
  /** Slug of the region. Default: the account's. */
  readonly region?: string;
}

const PORT = 5432;
const ADMINISTRATOR = "administrator";
const EVERYWHERE = ["0.0.0.0/0", "::/0"];

/**
 * PostgreSQL on a machine of one's own at DigitalOcean: made by cloud-init, with its data on a volume
 * that outlives it, a firewall, and a certificate whose authority has signed nothing else. The
 * administrator's password changes inside the server, so rotate it there first.
 */
export function selfHostedPostgres(options: SelfHostedOptions = {}): PostgresVendor {
  return {
    name: "self-hosted",
    create(spec, scope, parent, dataOptions) {
      if (spec.pool !== undefined) {
        throw new InputError(
          `${spec.logicalName} asks for a pool, which a machine of one's own does not have. Leave pool out, or put Hyperdrive in front.`,
        );
      }
      refuseNetwork(spec.logicalName, spec.network);
      const account = scope.digitalocean;
      const { provider } = account;
      const region = options.region ?? account.region;
      const child = { parent, provider };
      const data = { ...dataOptions, provider };
      const password = new Secret(`${spec.name}-administrator`, { scope }, { parent });
      const certificate = new ServerCertificate(
        spec.logicalName,
        { commonName: spec.serverName },
        { parent },
      );
      const volume = new Volume(
        spec.logicalName,
        {
          name: spec.serverName,
          region,
          size: options.volume ?? 50,
          initialFilesystemType: "ext4",
          description: `Data of ${spec.serverName}`,
        },
        data,
      );
      const userData = pulumi.secret(
        pulumi
          .all([password.value, certificate.certificate, certificate.privateKey, volume.name])
          .apply(([secret, certificatePem, privateKey, volumeName]) =>
            postgresCloudConfig({
              version: spec.version,
              port: PORT,
              volumeName,
              administrator: ADMINISTRATOR,
              administratorVerifier: scramVerifier(secret, spec.serverName),
              certificate: certificatePem,
              privateKey,
            }),
          ),
      );
      const machine = new Droplet(
        spec.logicalName,
        {
          name: spec.serverName,
          image: options.image ?? "debian-13-x64",
          size: options.size ?? "s-2vcpu-4gb",
          region,
          volumeIds: [volume.id],
          userData,
          monitoring: true,
          backups: scope.tier === "production",
        },
        // What it holds is on the volume; a new machine takes that over.
        { ...child, protect: dataOptions.protect ?? false, deleteBeforeReplace: true },
      );
      const firewall = new Firewall(
        spec.logicalName,
        {
          name: spec.serverName,
          dropletIds: [machine.id.apply(Number)],
          inboundRules: spec.sources.map((source) => ({
            protocol: "tcp",
            portRange: String(PORT),
            ...sourceOf(source),
          })),
          outboundRules: ["tcp", "udp"].map((protocol) => ({
            protocol,
            portRange: "1-65535",
            destinationAddresses: EVERYWHERE,
          })),
        },
        child,
      );
      return {
        server: {
          host: machine.ipv4Address,
          port: PORT,
          user: ADMINISTRATOR,
          password: password.value,
          database: "postgres",
          sslMode: "verify-ca",
          caCertificate: certificate.caCertificate,
        },
        users: Object.fromEntries(
          spec.users.map((name) => {
            const secret = new Secret(
              `${spec.name}-${name.replaceAll("_", "-")}`,
              { scope },
              { parent },
            );
            return [name, { password: secret.value, exists: false }];
          }),
        ),
        databasesExist: false,
        pool: undefined,
        ready: [machine, firewall],
      };
    },
  };
}

const sourceOf = (source: Source) =>
  "cidr" in source
    ? { sourceAddresses: [source.cidr] }
    : { sourceDropletIds: [pulumi.output(source.dropletId).apply(Number)] };
