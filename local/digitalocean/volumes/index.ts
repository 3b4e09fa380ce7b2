import { Hono } from "hono";
import { z } from "zod";
import type { VendorContext } from "../../vendor-context.ts";
import { type Action, describeAction, findAction, listActions } from "../actions/records.ts";
import { requireRegion } from "../catalogue/regions.ts";
import { conflict, jsonBody, notFound, page, unprocessable } from "../envelope.ts";
import { deleteDiscarded, discard, volumeServerId } from "../machines/data-folders.ts";
import { settle } from "../machines/machines.ts";
import type { DigitalOceanContext, DigitalOceanEnv, DigitalOceanService } from "../service.ts";
import { ensureTags } from "../tags/records.ts";
import { actionBody, beginVolumeAction } from "./actions.ts";
import {
  insertVolume,
  listVolumes,
  MAX_GIGABYTES,
  removeVolume,
  requireVolume,
  updateVolume,
  type Volume,
  volumeByName,
} from "./records.ts";

const VOLUME = "/volumes/:volume";
/** What a filesystem of each kind takes as a label. */
const MAX_LABEL = { ext4: 16, xfs: 12 } as const;

const createBody = z.strictObject({
  name: z.string(),
  region: z.string(),
  size_gigabytes: z.number().int().min(1).max(MAX_GIGABYTES),
  description: z.string().nullish(),
  filesystem_type: z.enum(["ext4", "xfs", ""]).nullish(),
  filesystem_label: z.string().nullish(),
  snapshot_id: z.literal("", "must be empty: the local cloud has no snapshots").nullish(),
  tags: z.array(z.string()).nullish(),
});

const describeVolume = ({ id, createdAt, body }: Volume) => ({
  id,
  region: requireRegion(body.region),
  droplet_ids: body.droplet === undefined ? [] : [body.droplet],
  name: body.name,
  description: body.description,
  size_gigabytes: body.sizeGigabytes,
  created_at: createdAt,
  filesystem_type: body.filesystemType,
  filesystem_label: body.filesystemLabel,
  tags: body.tags,
});

/**
 * Volumes: data that stays when its droplet goes. A volume holds the data folder of the database server
 * whose user data mounts it.
 * @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Block-Storage
 */
export const volumeService: DigitalOceanService = {
  name: "volumes",
  inventory: (cloud, accountId) => ({ volumes: listVolumes(cloud, accountId).length }),
  resources: (cloud, accountId) =>
    listVolumes(cloud, accountId).map(({ id, createdAt, body }) => ({
      urn: `do:volume:${id}`,
      name: body.name,
      createdAt,
    })),
  taggable: {
    resourceType: "volume",
    list: (cloud, accountId) =>
      listVolumes(cloud, accountId).map(({ id, body }) => ({ id, tags: body.tags })),
    setTags(cloud, accountId, id, tags) {
      updateVolume(cloud, requireVolume(cloud, accountId, id), { tags });
    },
  },
  routes(cloud) {
    const volumeOf = (c: DigitalOceanContext) =>
      requireVolume(cloud, c.get("accountId"), c.req.param("volume") ?? "");
    const actionsOf = ({ account, id }: Volume) =>
      listActions(cloud, account).filter(({ body }) => body.subject === id);
    const act = (c: DigitalOceanContext, volume: Volume, request: z.infer<typeof actionBody>) => {
      const action = beginVolumeAction(cloud, volume, request);
      follow(cloud, action);
      return c.json({ action: describeAction(action) }, 202);
    };

    return new Hono<DigitalOceanEnv>()
      .get("/volumes", (c) => {
        const { name, region } = c.req.query();
        const volumes = listVolumes(cloud, c.get("accountId")).filter(
          ({ body }) =>
            (name === undefined || body.name === name) &&
            (region === undefined || body.region === region),
        );
        return page(c, "volumes", volumes, describeVolume);
      })
      .post("/volumes", async (c) => {
        const request = await jsonBody(c, createBody);
        const accountId = c.get("accountId");
        const filesystemType = request.filesystem_type ?? "";
        const filesystemLabel = request.filesystem_label ?? "";
        checkLabel(filesystemType, filesystemLabel);
        const volume = insertVolume(cloud, accountId, {
          name: request.name,
          region: requireRegion(request.region).slug,
          sizeGigabytes: request.size_gigabytes,
          description: request.description ?? "",
          filesystemType,
          filesystemLabel,
          tags: ensureTags(cloud, accountId, request.tags ?? []),
        });
        return c.json({ volume: describeVolume(volume) }, 201);
      })
      .delete("/volumes", async (c) => {
        const { name = "", region = "" } = c.req.query();
        const volume = volumeByName(cloud, c.get("accountId"), region, name);
        if (volume === undefined) throw notFound("volume");
        await deleteVolume(cloud, volume);
        return c.body(null, 204);
      })
      .post("/volumes/actions", async (c) => {
        const request = await jsonBody(c, actionBody);
        const { region, volume_name: name = "" } = request;
        const volume = volumeByName(cloud, c.get("accountId"), region ?? "", name);
        if (volume === undefined) throw notFound("volume");
        return act(c, volume, request);
      })
      .get(VOLUME, (c) => c.json({ volume: describeVolume(volumeOf(c)) }))
      .delete(VOLUME, async (c) => {
        await deleteVolume(cloud, volumeOf(c));
        return c.body(null, 204);
      })
      .get(`${VOLUME}/actions`, (c) => page(c, "actions", actionsOf(volumeOf(c)), describeAction))
      .post(`${VOLUME}/actions`, async (c) => {
        const volume = volumeOf(c);
        return act(c, volume, await jsonBody(c, actionBody));
      })
      .get(`${VOLUME}/actions/:action`, (c) => {
        const volume = volumeOf(c);
        const action = findAction(cloud, volume.account, c.req.param("action"));
        if (action?.body.subject !== volume.id) throw notFound("action");
        return c.json({ action: describeAction(action) });
      });
  },
};

/** Lets the droplet's machine follow what was recorded; it is not waited for. */
function follow(cloud: VendorContext, { account, body }: Action): void {
  if (body.droplet !== undefined) void settle(cloud, account, body.droplet);
}

async function deleteVolume(cloud: VendorContext, volume: Volume): Promise<void> {
  if (volume.body.droplet !== undefined) {
    throw conflict(
      `The volume is attached to droplet ${volume.body.droplet}. Detach it before deleting it.`,
    );
  }
  cloud.store.transaction(() => {
    discard(cloud, volume.account, volumeServerId(volume.id));
    removeVolume(cloud, volume);
  });
  await deleteDiscarded(cloud);
}

function checkLabel(type: "ext4" | "xfs" | "", label: string): void {
  if (label === "") return;
  if (type === "") {
    throw unprocessable("filesystem_label: needs filesystem_type. Add it, or leave the label out.");
  }
  if (label.length > MAX_LABEL[type]) {
    throw unprocessable(
      `filesystem_label: must have at most ${MAX_LABEL[type]} characters for ${type}.`,
    );
  }
}
