import { Hono } from "hono";
import { z } from "zod";
import { allTeams } from "../accounts.ts";
import { jsonBody, page } from "../envelope.ts";
import type { DigitalOceanContext, DigitalOceanEnv, DigitalOceanService } from "../service.ts";
import {
  createSshKey,
  listSshKeys,
  removeSshKey,
  renameSshKey,
  requireSshKey,
  type SshKey,
} from "./ssh-keys.ts";

const KEY = "/account/keys/:key";
const createBody = z.strictObject({ name: z.string().min(1), public_key: z.string().min(1) });
const renameBody = z.strictObject({ name: z.string().min(1) });

const describeKey = ({ id, name, body }: SshKey) => ({
  id: Number(id),
  name: body.label,
  fingerprint: name,
  public_key: body.publicKey,
});

/** @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Account */
export const accountService: DigitalOceanService = {
  name: "account",
  routes(cloud) {
    const keyOf = (c: DigitalOceanContext) =>
      requireSshKey(cloud, c.get("accountId"), c.req.param("key") ?? "");

    return new Hono<DigitalOceanEnv>()
      .get("/account", (c) => {
        const uuid = c.get("accountId");
        const name = allTeams(cloud).find(({ id }) => id === uuid)?.name ?? "";
        return c.json({
          account: {
            uuid,
            name,
            email: `${name}@bulkhead.example`,
            email_verified: true,
            droplet_limit: 100,
            floating_ip_limit: 100,
            status: "active",
            status_message: "",
            team: { uuid, name },
          },
        });
      })
      .get("/account/keys", (c) =>
        page(c, "ssh_keys", listSshKeys(cloud, c.get("accountId")), describeKey),
      )
      .post("/account/keys", async (c) => {
        const { name, public_key: publicKey } = await jsonBody(c, createBody);
        const key = createSshKey(cloud, c.get("accountId"), name, publicKey);
        return c.json({ ssh_key: describeKey(key) }, 201);
      })
      .get(KEY, (c) => c.json({ ssh_key: describeKey(keyOf(c)) }))
      .put(KEY, async (c) => {
        const key = keyOf(c);
        const { name } = await jsonBody(c, renameBody);
        return c.json({ ssh_key: describeKey(renameSshKey(cloud, key, name)) });
      })
      .delete(KEY, (c) => {
        removeSshKey(cloud, keyOf(c));
        return c.body(null, 204);
      });
  },
};
