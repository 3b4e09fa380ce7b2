/** Takes off at DigitalOcean what no resource of the stack declares. */
import type { DigitalOceanApi } from "../../../providers/digitalocean-api/client.ts";
import type { RepairRule, RepairSite } from "./repair.ts";

export const DIGITALOCEAN_REPAIRS: readonly RepairRule[] = [
  {
    types: ["digitalocean:index/databaseCluster:DatabaseCluster"],
    key: /^(?:user|nopass) (.+)$/,
    repair: (subject, user) => ({
      effect: `Deletes the user ${user} of the managed database.`,
      apply: (site) =>
        apiOf(site).delete(`/databases/${subject.id}/users/${encodeURIComponent(user)}`),
    }),
  },
  {
    types: ["digitalocean:index/droplet:Droplet"],
    key: /^firewall (.+)$/,
    repair: (_, firewall) => ({
      effect: "Deletes the firewall, which no stack owns.",
      apply: (site) => apiOf(site).delete(`/firewalls/${encodeURIComponent(firewall)}`),
    }),
  },
];

function apiOf({ accounts }: RepairSite): DigitalOceanApi {
  if (accounts.digitalocean !== undefined) return accounts.digitalocean.api;
  throw new Error("The stack has no account at DigitalOcean. Check its providers.");
}
