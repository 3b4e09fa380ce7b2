import type { Firewall } from "./records.ts";

/** A firewall as the API shows it; a change is answered when it is in effect, so none is pending. */
export const describeFirewall = ({ id, name, createdAt, body }: Firewall) => ({
  id,
  name,
  status: "succeeded",
  created_at: createdAt,
  inbound_rules: body.inboundRules,
  outbound_rules: body.outboundRules,
  droplet_ids: body.dropletIds,
  tags: body.tags,
  pending_changes: [],
});
