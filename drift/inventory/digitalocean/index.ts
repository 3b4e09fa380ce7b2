/** What a team at DigitalOcean has. */
import type {
  Droplet,
  Firewall,
  Project,
  ReservedIp,
  SpacesKey,
  SshKey,
  Volume,
  Vpc,
} from "../../../providers/digitalocean-api/types.ts";
import { VendorFault } from "../../../providers/sdk/fault.ts";
import type { DigitalOceanAccess } from "../../vendors/accounts.ts";
import { holdsObjects, removeBucket } from "../../vendors/buckets.ts";
import { listSpaces, type SpacesBucket } from "../../vendors/spaces.ts";
import { type Product, productsOf } from "../product.ts";
import { DATABASE_PRODUCTS } from "./databases.ts";
import { labelsOf } from "./tags.ts";

const product = productsOf<DigitalOceanAccess>();

/** @see https://docs.digitalocean.com/reference/api/scopes/ for the names of permissions. */
export const DIGITALOCEAN_PRODUCTS: readonly Product<DigitalOceanAccess>[] = [
  ...DATABASE_PRODUCTS,
  product({
    types: ["digitalocean:index/droplet:Droplet"],
    thing: "droplet",
    permission: "the scope droplet:read",
    list: ({ api }) => api.list<Droplet>("/droplets", "droplets"),
    item: ({ id, name, created_at: createdAt }) => ({ id: String(id), name, createdAt }),
    labels: (_, { tags }) => labelsOf(tags),
    holds: () => "what is on its disk",
    remove: ({ api }, { id }) => api.delete(`/droplets/${id}`),
  }),
  product({
    types: ["digitalocean:index/volume:Volume"],
    thing: "volume",
    permission: "the scope block_storage:read",
    list: ({ api }) => api.list<Volume>("/volumes", "volumes"),
    item: ({ id, name, created_at: createdAt }) => ({ id, name, createdAt }),
    labels: (_, { tags }) => labelsOf(tags),
    holds: () => "data",
    remove: ({ api }, { id }) => api.delete(pathOf("volumes", id)),
  }),
  product({
    types: ["digitalocean:index/firewall:Firewall"],
    thing: "firewall",
    permission: "the scope firewall:read",
    list: ({ api }) => api.list<Firewall>("/firewalls", "firewalls"),
    item: ({ id, name, created_at: createdAt }) => ({ id, name, createdAt }),
    remove: ({ api }, { id }) => api.delete(pathOf("firewalls", id)),
  }),
  product({
    types: ["digitalocean:index/vpc:Vpc"],
    thing: "VPC",
    permission: "the scope vpc:read",
    list: ({ api }) => api.list<Vpc>("/vpcs", "vpcs"),
    item: ({ id, name, created_at: createdAt }) => ({ id, name, createdAt }),
    remove: ({ api }, { id }) => api.delete(pathOf("vpcs", id)),
    defaults: [
      {
        because: "DigitalOcean makes a default VPC in every region that is used.",
        fits: (found) => found.default,
      },
    ],
  }),
  product({
    types: ["digitalocean:index/project:Project"],
    thing: "project",
    permission: "the scope project:read",
    list: ({ api }) => api.list<Project>("/projects", "projects"),
    item: ({ id, name, created_at: createdAt }) => ({ id, name, createdAt }),
    remove: ({ api }, { id }) => api.delete(pathOf("projects", id)),
    defaults: [
      {
        because: "DigitalOcean makes a default project in every team.",
        fits: ({ is_default: isDefault }) => isDefault,
      },
    ],
  }),
  product({
    types: [
      "digitalocean:index/reservedIp:ReservedIp",
      // The vendor's name for it before.
      "digitalocean:index/floatingIp:FloatingIp",
    ],
    thing: "reserved IP",
    permission: "the scope reserved_ip:read",
    list: ({ api }) => api.list<ReservedIp>("/reserved_ips", "reserved_ips"),
    item: ({ ip }) => ({ id: ip, name: ip }),
    remove: ({ api }, { ip }) => api.delete(pathOf("reserved_ips", ip)),
  }),
  product({
    types: ["digitalocean:index/sshKey:SshKey"],
    thing: "SSH key",
    permission: "the scope ssh_key:read",
    list: ({ api }) => api.list<SshKey>("/account/keys", "ssh_keys"),
    item: ({ id, name }) => ({ id: String(id), name }),
    remove: ({ api }, { id }) => api.delete(pathOf("account/keys", String(id))),
  }),
  product({
    types: ["digitalocean:index/spacesKey:SpacesKey"],
    thing: "Spaces key",
    permission: "the scope spaces_key:read",
    list: listKeys,
    item: ({ access_key: id, name, created_at: createdAt }) => ({ id, name, createdAt }),
    remove: ({ api }, { access_key: key }) => api.delete(pathOf("spaces/keys", key)),
    defaults: [
      {
        because: "The stack's provider works with this key itself.",
        fits: ({ access_key: key }, { spaces }) => key === spaces?.accessKeyId,
      },
    ],
  }),
  product({
    types: ["digitalocean:index/spacesBucket:SpacesBucket"],
    thing: "Spaces bucket",
    permission: "a Spaces key with full access",
    list: listBuckets,
    item: ({ name, createdAt }) => ({ id: name, name, createdAt }),
    importId: async (_, { name, region }) => `${await region()},${name}`,
    holds: async (_, { s3, name }) => ((await holdsObjects(s3, name)) ? "objects" : undefined),
    remove: (_, { s3, name }) => removeBucket(s3, name),
  }),
];

const pathOf = (collection: string, id: string): string =>
  `/${collection}/${encodeURIComponent(id)}`;

function listKeys({ api }: DigitalOceanAccess): Promise<SpacesKey[]> {
  return api.list<SpacesKey>("/spaces/keys", "keys");
}

/** A team without a key for Spaces has nothing there that any program could have made. */
async function listBuckets(access: DigitalOceanAccess): Promise<SpacesBucket[]> {
  if (access.spaces !== undefined) return listSpaces(access.spaces);
  if ((await listKeys(access)).length === 0) return [];
  throw new VendorFault(
    "refused",
    "The team has keys for Spaces, and the stack's provider has none",
    {
      remedy:
        "Give the stack a Spaces key (digitalocean:spacesAccessId, digitalocean:spacesSecretKey).",
    },
  );
}
