import { orMissing } from "../../../../providers/digitalocean-api/fault.ts";
import type {
  Firewall,
  FirewallPeers,
  FirewallRule,
} from "../../../../providers/digitalocean-api/types.ts";
import type { InputsOf } from "../../../../providers/sdk/properties.ts";
import type { PlainMap, PlainValue } from "../../../../providers/sdk/values.ts";
import { dateOf, define, sorted, tags } from "./shared.ts";

/** The program's names of who is on a rule's other end, by the vendor's. */
const PEERS = {
  addresses: "Addresses",
  droplet_ids: "DropletIds",
  kubernetes_ids: "KubernetesIds",
  load_balancer_uids: "LoadBalancerUids",
  tags: "Tags",
} as const;

/** The vendor answers `0` for all ports. */
const allPorts = (value: PlainValue): PlainValue =>
  value === "all" || value === "0" || value === "1-65535" ? "0" : value;

/** A rule's own meaning, whatever the order of what it lists; rules are a set themselves. */
const asSet = (value: PlainValue): PlainValue => {
  if (!Array.isArray(value)) return value;
  const rules = (value as readonly PlainMap[]).map((rule) =>
    Object.fromEntries(
      Object.entries(rule)
        .filter(([, each]) => !(Array.isArray(each) && each.length === 0))
        .map(([name, each]) => [name, name === "portRange" ? allPorts(each) : sorted(each)]),
    ),
  );
  return sorted(rules);
};

const list = (doc: string) =>
  ({ type: { array: "string" }, mode: "optional", unset: [], normalize: sorted, doc }) as const;
const numbers = (doc: string) =>
  ({ type: { array: "integer" }, mode: "optional", unset: [], normalize: sorted, doc }) as const;
const protocol = {
  type: "string",
  mode: "required",
  values: ["tcp", "udp", "icmp"],
  doc: "tcp, udp or icmp.",
} as const;
const portRange = {
  type: "string",
  mode: "optional",
  unset: "all",
  normalize: allPorts,
  doc: "A port, a range such as 8000-9000, or all.",
} as const;

const properties = {
  name: {
    type: "string",
    mode: "required",
    autoname: { maxLength: 255 },
    doc: "The name of the firewall.",
  },
  dropletIds: numbers("IDs of the droplets that the firewall protects."),
  tags,
  inboundRules: {
    type: {
      array: {
        object: {
          protocol,
          portRange,
          sourceAddresses: list("Addresses and ranges in CIDR notation."),
          sourceDropletIds: numbers("IDs of droplets."),
          sourceKubernetesIds: list("IDs of Kubernetes clusters."),
          sourceLoadBalancerUids: list("IDs of load balancers."),
          sourceTags: list("Tags of droplets."),
        },
      },
    },
    mode: "optional",
    unset: [],
    normalize: asSet,
    doc: "Traffic that may come in.",
  },
  outboundRules: {
    type: {
      array: {
        object: {
          protocol,
          portRange,
          destinationAddresses: list("Addresses and ranges in CIDR notation."),
          destinationDropletIds: numbers("IDs of droplets."),
          destinationKubernetesIds: list("IDs of Kubernetes clusters."),
          destinationLoadBalancerUids: list("IDs of load balancers."),
          destinationTags: list("Tags of droplets."),
        },
      },
    },
    mode: "optional",
    unset: [],
    normalize: asSet,
    doc: "Traffic that may go out.",
  },
  createdAt: { type: "string", mode: "output", doc: "When the firewall was created." },
  pendingChanges: {
    type: {
      array: {
        object: {
          dropletId: { type: "integer", mode: "optional", doc: "The droplet's ID." },
          removing: { type: "boolean", mode: "optional", doc: "Whether it is taken out." },
          status: { type: "string", mode: "optional", doc: "How far the change is." },
        },
      },
    },
    mode: "output",
    volatile: true,
    incidental: true,
    doc: "Changes that droplets wait for.",
  },
  status: {
    type: "string",
    mode: "output",
    volatile: true,
    incidental: true,
    doc: "waiting, succeeded or failed.",
  },
} as const;

/** `digitalocean.Firewall`. Source: https://docs.digitalocean.com/reference/api/digitalocean/#tag/Firewalls */
export const firewall = define({
  token: "digitalocean:index/firewall:Firewall",
  title: "firewall",
  doc: "A cloud firewall. https://docs.digitalocean.com/products/networking/firewalls/",
  identity: ["name"],
  importFormat: "<id>",
  properties,
  parseImportId: (id) => ({ id, state: {} }),
  async create({ client }, inputs) {
    const body = bodyOf(inputs);
    return live((await client.api.post<{ firewall: Firewall }>("/firewalls", body)).firewall);
  },
  async read({ client }, id) {
    const found = await orMissing(client.api.get<{ firewall: Firewall }>(firewallPath(id)));
    return found && live(found.firewall);
  },
  async update({ client }, id, inputs) {
    const path = firewallPath(id);
    const { firewall } = await client.api.put<{ firewall: Firewall }>(path, bodyOf(inputs));
    return live(firewall).state;
  },
  async delete({ client }, id) {
    await client.api.delete(firewallPath(id));
  },
  async findExisting({ client }, { name }) {
    const all = await client.api.list<Firewall>("/firewalls", "firewalls");
    const found = all.find((each) => each.name === name);
    return found && { ...live(found), createdAt: dateOf(found.created_at) };
  },
});

const firewallPath = (id: string): string => `/firewalls/${encodeURIComponent(id)}`;

function bodyOf(inputs: InputsOf<typeof properties>) {
  return {
    name: inputs.name,
    droplet_ids: inputs.dropletIds ?? [],
    tags: inputs.tags ?? [],
    inbound_rules: (inputs.inboundRules ?? []).map((rule) => ({
      ...portsOf(rule),
      sources: peersTo("source", rule),
    })),
    outbound_rules: (inputs.outboundRules ?? []).map((rule) => ({
      ...portsOf(rule),
      destinations: peersTo("destination", rule),
    })),
  };
}

/** ICMP has no ports. */
const portsOf = (rule: { readonly protocol: string; readonly portRange?: string | undefined }) => ({
  protocol: rule.protocol,
  ...(rule.portRange === undefined || rule.protocol === "icmp"
    ? {}
    : { ports: rule.portRange === "all" ? "0" : rule.portRange }),
});

function peersTo(end: string, rule: object): FirewallPeers {
  const given = new Map(Object.entries(rule));
  return Object.fromEntries(
    Object.entries(PEERS).flatMap(([theirs, ours]) => {
      const value = given.get(`${end}${ours}`);
      return Array.isArray(value) && value.length > 0 ? [[theirs, value]] : [];
    }),
  );
}

function ruleOf(end: string, { protocol, ports }: FirewallRule, peers: FirewallPeers = {}) {
  const lists = Object.entries(PEERS).flatMap(([theirs, ours]) => {
    const value = peers[theirs as keyof typeof PEERS] ?? [];
    return value.length > 0 ? [[`${end}${ours}`, value] as const] : [];
  });
  const open = ports === undefined || ports === "" || (ports === "0" && protocol === "icmp");
  return {
    protocol,
    ...(open ? {} : { portRange: ports === "0" ? "all" : ports }),
    ...Object.fromEntries(lists),
  };
}

const live = (found: Firewall) => ({
  id: found.id,
  state: {
    name: found.name,
    dropletIds: found.droplet_ids ?? [],
    tags: found.tags ?? [],
    inboundRules: (found.inbound_rules ?? []).map((rule) => ruleOf("source", rule, rule.sources)),
    outboundRules: (found.outbound_rules ?? []).map((rule) =>
      ruleOf("destination", rule, rule.destinations),
    ),
    createdAt: found.created_at,
    status: found.status,
    pendingChanges: (found.pending_changes ?? []).map(({ droplet_id, removing, status }) => ({
      dropletId: droplet_id,
      removing,
      status,
    })),
  },
});
