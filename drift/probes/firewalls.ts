/** What opens a way to the stack's servers beside the firewalls that it declares. */
import type { ResourceFact } from "../../isolation/facts.ts";
import type { Difference } from "../finding.ts";
import { found, listAt, listed, lookAtEach, ownOf, textAt } from "./facts.ts";
import type { Probe, ProbeInput } from "./probe.ts";

/*
 * Rules of a declared firewall, trusted sources of a database and rules of a declared security group are in
 * their resource, so that a refresh sees them. A firewall at DigitalOcean chooses its machines by itself.
 */

const DROPLET = "digitalocean:index/droplet:Droplet";
const FIREWALL = "digitalocean:index/firewall:Firewall";

/** @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Firewalls */
interface Firewall {
  readonly id: string;
  readonly name: string;
  readonly droplet_ids?: readonly number[] | null;
  readonly tags?: readonly string[] | null;
  readonly inbound_rules?:
    | readonly {
        readonly protocol: string;
        readonly ports?: string;
        readonly sources?: { readonly addresses?: readonly string[] };
      }[]
    | null;
}

export const firewalls: Probe = {
  name: "firewalls",
  looksAt: "the firewalls before the machines",
  async run(input) {
    const droplets = ownOf(input, DROPLET);
    if (droplets.length === 0) return [];
    const { digitalocean } = await input.accounts();
    if (digitalocean === undefined) return [];
    const all = await digitalocean.api.list<Firewall>("/firewalls", "firewalls");
    const others = all.filter(({ id }) => ownOf(input, FIREWALL).every((own) => own.id !== id));
    return lookAtEach(droplets, async (droplet) =>
      others
        .filter((firewall) => isBefore(firewall, liveOf(droplet, input)))
        .map((firewall) => opened(droplet, firewall, input)),
    );
  },
};

const liveOf = (resource: ResourceFact, { live }: ProbeInput): ResourceFact =>
  live.resources.find(({ urn }) => urn === resource.urn) ?? resource;

const isBefore = ({ droplet_ids: ids, tags }: Firewall, { id, outputs }: ResourceFact): boolean =>
  (ids ?? []).some((each) => String(each) === id) ||
  (tags ?? []).some((tag) => listAt(outputs, "tags").includes(tag));

function opened(
  droplet: ResourceFact,
  { id, name, inbound_rules: rules, tags }: Firewall,
  { redactor }: ProbeInput,
): Difference {
  const ways = (rules ?? []).map(({ protocol, ports, sources }) => {
    const from = sources?.addresses ?? [];
    return `${protocol} ${ports || "all"}${from.length === 0 ? "" : ` from ${listed(from)}`}`;
  });
  const how = (tags ?? []).length === 0 ? "" : `, by the tag ${listed(tags ?? [])}`;
  const message = `The firewall ${name} stands before ${textAt(droplet.outputs, "name") ?? droplet.name}${how}, lets in ${listed(ways) || "nothing"}, and is not the stack's.`;
  // A sentence names some of the addresses; what is acknowledged is all of them.
  const changes = (rules ?? []).map(({ protocol, ports, sources }) => {
    const path = `inboundRules[${protocol} ${ports || "all"}]`;
    const addresses = [...(sources?.addresses ?? [])].sort();
    return { path, before: null, after: redactor.show({ ...sources, addresses }, path) };
  });
  return found("access", droplet, message, { key: `firewall ${id}`, changes });
}
