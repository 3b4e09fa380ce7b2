import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { findDroplet } from "../droplets/records.ts";
import { jsonBody, page, unprocessable } from "../envelope.ts";
import { settleTeam } from "../machines/machines.ts";
import type { DigitalOceanContext, DigitalOceanEnv, DigitalOceanService } from "../service.ts";
import { ensureTags } from "../tags/records.ts";
import { withUniqueName } from "../unique-name.ts";
import { describeFirewall } from "./describe.ts";
import {
  type Firewall,
  type FirewallBody,
  firewallsOf,
  type InboundRule,
  type OutboundRule,
  requireFirewall,
} from "./records.ts";
import { inboundRule, outboundRule, without } from "./rules.ts";

const FIREWALL = "/firewalls/:firewall";

const inbound = z.array(inboundRule);
const outbound = z.array(outboundRule);
const dropletIds = z.array(z.number().int());
const tags = z.array(z.string());

const firewallBody = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9.-]*$/, "must have letters, digits, periods and dashes only"),
  inbound_rules: inbound.nullish(),
  outbound_rules: outbound.nullish(),
  droplet_ids: dropletIds.nullish(),
  tags: tags.nullish(),
});
const rulesBody = z.strictObject({
  inbound_rules: inbound.nullish(),
  outbound_rules: outbound.nullish(),
});
const dropletsBody = z.strictObject({ droplet_ids: dropletIds.min(1) });
const tagsBody = z.strictObject({ tags: tags.min(1) });

/** What of a firewall a request gives. */
interface FirewallRequest {
  readonly inbound_rules?: readonly InboundRule[] | null | undefined;
  readonly outbound_rules?: readonly OutboundRule[] | null | undefined;
  readonly droplet_ids?: readonly number[] | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
}

/**
 * Firewalls. Inbound rules decide which addresses reach a droplet's server; 127.0.0.1, where programs of
 * this computer come from, always does. A machine here opens no connections, so outbound rules are kept
 * and shown only.
 * @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Firewalls
 */
export const firewallService: DigitalOceanService = {
  name: "firewalls",
  inventory: (cloud, accountId) => ({ firewalls: firewallsOf(cloud).list(accountId).length }),
  routes(cloud) {
    const firewallOf = (c: DigitalOceanContext) =>
      requireFirewall(cloud, c.get("accountId"), c.req.param("firewall") ?? "");

    const bodyOf = (accountId: string, request: FirewallRequest): FirewallBody => {
      const body = {
        inboundRules: request.inbound_rules ?? [],
        outboundRules: request.outbound_rules ?? [],
        dropletIds: [...new Set(request.droplet_ids ?? [])],
        tags: ensureTags(cloud, accountId, request.tags ?? []),
      };
      if (body.inboundRules.length + body.outboundRules.length === 0) {
        throw unprocessable("inbound_rules: a firewall must have at least one rule.");
      }
      return body;
    };
    const checkDroplets = (accountId: string, request: FirewallRequest) => {
      const unknown = dropletsIn(request).find((number) => !findDroplet(cloud, accountId, number));
      if (unknown === undefined) return;
      throw unprocessable(`droplet_ids: there is no droplet ${unknown}. Name one of this team.`);
    };
    const change = async (firewall: Firewall, body: FirewallBody, name = firewall.name) => {
      const { account, id } = firewall;
      const changed = withUniqueName("firewall", name, () =>
        firewallsOf(cloud).update(account, id, { name, body }),
      );
      await settleTeam(cloud, account);
      return changed;
    };
    /** A route that changes one part of a firewall. */
    const changePart =
      <S extends z.ZodType<FirewallRequest>>(
        schema: S,
        part: (body: FirewallBody, request: z.infer<S>) => Partial<FirewallBody>,
      ) =>
      async (c: DigitalOceanContext) => {
        const firewall = firewallOf(c);
        const request = await jsonBody(c, schema);
        checkDroplets(firewall.account, request);
        const changed = { ...firewall.body, ...part(firewall.body, request) };
        const body = bodyOf(firewall.account, {
          inbound_rules: changed.inboundRules,
          outbound_rules: changed.outboundRules,
          droplet_ids: changed.dropletIds,
          tags: changed.tags,
        });
        await change(firewall, body);
        return c.body(null, 204);
      };

    return new Hono<DigitalOceanEnv>()
      .get("/firewalls", (c) =>
        page(c, "firewalls", firewallsOf(cloud).list(c.get("accountId")), describeFirewall),
      )
      .post("/firewalls", async (c) => {
        const { name, ...request } = await jsonBody(c, firewallBody);
        const accountId = c.get("accountId");
        checkDroplets(accountId, request);
        const body = bodyOf(accountId, request);
        const firewall = withUniqueName("firewall", name, () =>
          firewallsOf(cloud).insert(accountId, { id: randomUUID(), name, body }),
        );
        await settleTeam(cloud, accountId);
        return c.json({ firewall: describeFirewall(firewall) }, 202);
      })
      .get(FIREWALL, (c) => c.json({ firewall: describeFirewall(firewallOf(c)) }))
      .put(FIREWALL, async (c) => {
        const firewall = firewallOf(c);
        const { name, ...request } = await jsonBody(c, firewallBody);
        checkDroplets(firewall.account, request);
        const changed = await change(firewall, bodyOf(firewall.account, request), name);
        return c.json({ firewall: describeFirewall(changed) });
      })
      .delete(FIREWALL, async (c) => {
        const { account, id } = firewallOf(c);
        firewallsOf(cloud).remove(account, id);
        await settleTeam(cloud, account);
        return c.body(null, 204);
      })
      .post(
        `${FIREWALL}/droplets`,
        changePart(dropletsBody, (body, { droplet_ids: added }) => ({
          dropletIds: [...body.dropletIds, ...added],
        })),
      )
      .delete(
        `${FIREWALL}/droplets`,
        changePart(dropletsBody, (body, { droplet_ids: removed }) => ({
          dropletIds: body.dropletIds.filter((number) => !removed.includes(number)),
        })),
      )
      .post(
        `${FIREWALL}/tags`,
        changePart(tagsBody, (body, { tags: added }) => ({ tags: [...body.tags, ...added] })),
      )
      .delete(
        `${FIREWALL}/tags`,
        changePart(tagsBody, (body, { tags: removed }) => ({
          tags: body.tags.filter((tag) => !removed.includes(tag)),
        })),
      )
      .post(
        `${FIREWALL}/rules`,
        changePart(rulesBody, (body, request) => ({
          inboundRules: [...body.inboundRules, ...(request.inbound_rules ?? [])],
          outboundRules: [...body.outboundRules, ...(request.outbound_rules ?? [])],
        })),
      )
      .delete(
        `${FIREWALL}/rules`,
        changePart(rulesBody, (body, request) => ({
          inboundRules: without(body.inboundRules, request.inbound_rules ?? []),
          outboundRules: without(body.outboundRules, request.outbound_rules ?? []),
        })),
      );
  },
};

/** Every droplet that a request names. */
const dropletsIn = (request: FirewallRequest): number[] =>
  [
    request,
    ...(request.inbound_rules ?? []).map(({ sources }) => sources),
    ...(request.outbound_rules ?? []).map(({ destinations }) => destinations),
  ].flatMap(({ droplet_ids: numbers }) => numbers ?? []);
