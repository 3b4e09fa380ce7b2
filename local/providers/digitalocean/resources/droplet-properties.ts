import type { CheckFailure } from "../../../../providers/sdk/check.ts";
import type { Properties } from "../../../../providers/sdk/properties.ts";
import type { RevealedMap } from "../../../../providers/sdk/values.ts";
import { lowerCase, sorted, tags } from "./shared.ts";

const output = (type: "string" | "integer", doc: string) =>
  ({ type, mode: "output", doc }) as const;
const incidental = (type: "number" | "boolean", doc: string) =>
  ({ type, mode: "output", incidental: true, doc }) as const;

/** The properties of `digitalocean.Droplet`. */
export const dropletProperties = {
  image: {
    type: "string",
    mode: "required",
    replace: true,
    doc: "Slug or ID of the image.",
  },
  size: {
    type: "string",
    mode: "required",
    normalize: lowerCase,
    doc: "Slug of the size; a change shuts the droplet down for a while.",
  },
  name: {
    type: "string",
    mode: "required",
    autoname: { maxLength: 255 },
    doc: "The name of the droplet.",
  },
  region: {
    type: "string",
    mode: "inherited",
    replace: true,
    normalize: lowerCase,
    doc: "Slug of the region.",
  },
  vpcUuid: {
    type: "string",
    mode: "inherited",
    replace: true,
    doc: "The ID of the VPC; else the region's default one.",
  },
  backups: { type: "boolean", mode: "optional", unset: false, doc: "Whether backups are made." },
  backupPolicy: {
    type: {
      object: {
        plan: {
          type: "string",
          mode: "optional",
          values: ["daily", "weekly"],
          doc: "How often a backup is made.",
        },
        weekday: {
          type: "string",
          mode: "optional",
          values: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
          doc: "Day of weekly backups.",
        },
        hour: { type: "integer", mode: "optional", doc: "Hour in UTC at which it may begin." },
      },
    },
    mode: "inherited",
    doc: "When backups are made.",
  },
  monitoring: {
    type: "boolean",
    mode: "optional",
    unset: false,
    replace: true,
    doc: "Whether the monitoring agent is installed.",
  },
  dropletAgent: {
    type: "boolean",
    mode: "inherited",
    replace: true,
    doc: "Whether the agent of the vendor's console is installed.",
  },
  ipv6: { type: "boolean", mode: "optional", unset: false, doc: "Whether IPv6 is on." },
  ipv6Address: { type: "string", mode: "inherited", doc: "The IPv6 address." },
  privateNetworking: {
    type: "boolean",
    mode: "inherited",
    deprecated: "Use vpcUuid.",
    doc: "Whether the droplet has a private address.",
  },
  publicNetworking: {
    type: "boolean",
    mode: "inherited",
    replace: true,
    doc: "Whether the droplet has a public address.",
  },
  sshKeys: {
    type: { array: "string" },
    mode: "optional",
    unset: [],
    replace: true,
    normalize: sorted,
    doc: "IDs or fingerprints of SSH keys.",
  },
  userData: {
    type: "string",
    mode: "optional",
    replace: true,
    doc: "What the new droplet runs first.",
  },
  volumeIds: {
    type: { array: "string" },
    mode: "inherited",
    normalize: sorted,
    incidental: true,
    doc: "IDs of the volumes that are attached.",
  },
  resizeDisk: {
    type: "boolean",
    mode: "optional",
    unset: true,
    silent: true,
    doc: "Whether a change of the size grows the disk, which cannot be undone.",
  },
  gracefulShutdown: {
    type: "boolean",
    mode: "optional",
    unset: false,
    silent: true,
    doc: "Whether the droplet is shut down before it is deleted.",
  },
  tags,
  createdAt: output("string", "When the droplet was created."),
  disk: output("integer", "Size of the disk in GB."),
  dropletUrn: output("string", "The uniform resource name of the droplet."),
  ipv4Address: output("string", "The public IPv4 address."),
  ipv4AddressPrivate: output("string", "The private IPv4 address."),
  locked: incidental("boolean", "Whether something is being done to it."),
  memory: output("integer", "Memory in MB."),
  priceHourly: incidental("number", "Price of an hour, in US dollars."),
  priceMonthly: incidental("number", "Price of a month, in US dollars."),
  status: output("string", "The status of the droplet."),
  vcpus: output("integer", "Number of virtual CPUs."),
} as const satisfies Properties;

/** What fits together, as the official provider checks it. */
export function checkDroplet({ backups, backupPolicy }: RevealedMap): readonly CheckFailure[] {
  if (backupPolicy === undefined || (backups !== undefined && backups !== false)) return [];
  return [
    {
      property: "backupPolicy",
      reason: '"backupPolicy" is set, and "backups" is not on. Set backups to true as well.',
    },
  ];
}
