import { orMissing } from "../../../../providers/digitalocean-api/fault.ts";
import type { Droplet } from "../../../../providers/digitalocean-api/types.ts";
import { UnfinishedError } from "../../../../providers/sdk/fault.ts";
import type { InputsOf } from "../../../../providers/sdk/properties.ts";
import { waitUntil } from "../../../../providers/sdk/wait.ts";
import { act } from "./actions.ts";
import { checkDroplet, dropletProperties as properties } from "./droplet-properties.ts";
import { type DigitalOceanContext, dateOf, define, setTags, without } from "./shared.ts";
import { volumePath } from "./volume.ts";

type Inputs = InputsOf<typeof properties>;

/** How long a droplet may take to start, in milliseconds: the official provider's own limit. */
const START_TIMEOUT_MS = 60 * 60 * 1000;
/** How long one may take to stop or to go, in milliseconds. */
const STOP_TIMEOUT_MS = 5 * 60 * 1000;

const dropletPath = (id: string, ...rest: readonly string[]): string =>
  ["/droplets", ...[id, ...rest].map(encodeURIComponent)].join("/");

/** `digitalocean.Droplet`. Source: https://docs.digitalocean.com/reference/api/digitalocean/#tag/Droplets */
export const droplet = define({
  token: "digitalocean:index/droplet:Droplet",
  title: "droplet",
  doc: "A virtual machine. https://docs.digitalocean.com/products/droplets/",
  // Two droplets may have one name.
  identity: [],
  importFormat: "<id>",
  properties,
  validate: checkDroplet,
  parseImportId: (id) => (/^\d+$/.test(id) ? { id, state: {} } : undefined),
  async create({ client }, inputs) {
    const { droplet } = await client.api.post<{ droplet: Droplet }>("/droplets", bodyOf(inputs));
    return live(droplet);
  },
  async finish(context, { id }, inputs) {
    await untilStatus(context, id, "creating", ["active", "off"]);
    await change(context, id, inputs);
    return live(await get(context, id));
  },
  async read(context, id, { inputs }) {
    const found = await orMissing(get(context, id));
    if (found === undefined) return undefined;
    const { state } = live(found);
    // A slug moves on to newer images, so it is compared with nothing; an import takes what is there.
    const image = inputs === undefined ? { image: found.image.slug ?? String(found.image.id) } : {};
    const existing = { id, state: { ...state, ...image } };
    if (found.status === "new")
      throw new UnfinishedError(
        `The droplet "${found.name}" is still being created. Run \`pulumi up\` to wait for it.`,
        existing,
      );
    return existing;
  },
  async update(context, id, inputs, known) {
    const gone = without(known.inputs?.volumeIds ?? [], inputs.volumeIds ?? []);
    const { volume_ids = [] } = await get(context, id);
    for (const volume of gone.filter((each) => volume_ids.includes(each)))
      await act(context, volumePath(volume, "actions"), { type: "detach", droplet_id: Number(id) });
    return {};
  },
  async delete(context, id, state) {
    if (state.gracefulShutdown) {
      await act(context, dropletPath(id, "actions"), { type: "shutdown" });
      await untilStatus(context, id, "shutting down", ["off"], STOP_TIMEOUT_MS);
    }
    await context.client.api.delete(dropletPath(id));
    await waitUntil(context, {
      doing: "deleting",
      timeoutMs: STOP_TIMEOUT_MS,
      async probe() {
        const found = await orMissing(get(context, id));
        const outcome = found === undefined ? "ready" : "waiting";
        return { value: undefined, status: found?.status ?? "gone", outcome };
      },
    });
  },
  async findExisting({ client }, { name }) {
    const all = await client.api.list<Droplet>("/droplets", "droplets", { name });
    const [newest] = all.toSorted((a, b) => b.created_at.localeCompare(a.created_at));
    return newest && { ...live(newest), createdAt: dateOf(newest.created_at) };
  },
});

async function get({ client }: DigitalOceanContext, id: string): Promise<Droplet> {
  return (await client.api.get<{ droplet: Droplet }>(dropletPath(id))).droplet;
}

/** Brings a droplet that has started to the inputs; does nothing to one that has them already. */
async function change(context: DigitalOceanContext, id: string, inputs: Inputs): Promise<void> {
  const found = await get(context, id);
  const { features = [], volume_ids = [] } = found;
  const actions = dropletPath(id, "actions");
  const size = inputs.size.toLowerCase();
  if (found.name !== inputs.name)
    await act(context, actions, { type: "rename", name: inputs.name });
  if (found.size_slug !== size) {
    if (found.status === "active") {
      await act(context, actions, { type: "power_off" });
      await untilStatus(context, id, "powering off", ["off"], STOP_TIMEOUT_MS);
    }
    try {
      await act(context, actions, { type: "resize", size, disk: inputs.resizeDisk ?? true });
    } finally {
      // A droplet whose new size was refused runs on with its own.
      await act(context, actions, { type: "power_on" });
    }
  }
  if (inputs.ipv6 && !features.includes("ipv6"))
    await act(context, actions, { type: "enable_ipv6" });
  if (features.includes("backups") !== (inputs.backups ?? false))
    await act(
      context,
      actions,
      inputs.backups
        ? { type: "enable_backups", backup_policy: inputs.backupPolicy }
        : { type: "disable_backups" },
    );
  for (const volume of without(inputs.volumeIds ?? [], volume_ids))
    await act(context, volumePath(volume, "actions"), { type: "attach", droplet_id: found.id });
  await setTags(context.client.api, { id, type: "droplet" }, found.tags ?? [], inputs.tags ?? []);
}

async function untilStatus(
  context: DigitalOceanContext,
  id: string,
  doing: string,
  wanted: readonly string[],
  timeoutMs = START_TIMEOUT_MS,
): Promise<void> {
  await waitUntil(context, {
    doing,
    timeoutMs,
    async probe() {
      const { status } = await get(context, id);
      return { value: status, status, outcome: wanted.includes(status) ? "ready" : "waiting" };
    },
  });
}

function bodyOf(inputs: Inputs) {
  return {
    name: inputs.name,
    region: inputs.region?.toLowerCase(),
    size: inputs.size.toLowerCase(),
    image: /^\d+$/.test(inputs.image) ? Number(inputs.image) : inputs.image,
    // The vendor takes a key's ID as a number and its fingerprint as text.
    ssh_keys: inputs.sshKeys?.map((key) => (/^\d+$/.test(key) ? Number(key) : key)),
    backups: inputs.backups,
    backup_policy: inputs.backupPolicy,
    ipv6: inputs.ipv6,
    monitoring: inputs.monitoring,
    private_networking: inputs.privateNetworking,
    public_networking: inputs.publicNetworking,
    with_droplet_agent: inputs.dropletAgent,
    tags: inputs.tags,
    user_data: inputs.userData,
    volumes: inputs.volumeIds,
    vpc_uuid: inputs.vpcUuid,
  };
}

function live(found: Droplet) {
  const { v4 = [], v6 = [] } = found.networks;
  const { features } = found;
  const address = (list: typeof v4, type: string) =>
    list.find((each) => each.type === type)?.ip_address;
  return {
    id: String(found.id),
    state: {
      name: found.name,
      size: found.size_slug,
      region: found.region.slug,
      vpcUuid: found.vpc_uuid,
      tags: found.tags ?? [],
      volumeIds: found.volume_ids ?? [],
      ...(features && {
        backups: features.includes("backups"),
        ipv6: features.includes("ipv6"),
        monitoring: features.includes("monitoring"),
        privateNetworking: features.includes("private_networking"),
      }),
      createdAt: found.created_at,
      disk: found.disk,
      dropletUrn: `do:droplet:${found.id}`,
      ipv4Address: address(v4, "public") ?? "",
      ipv4AddressPrivate: address(v4, "private") ?? "",
      ipv6Address: address(v6, "public")?.toLowerCase() ?? "",
      locked: found.locked,
      memory: found.memory,
      priceHourly: found.size?.price_hourly,
      priceMonthly: found.size?.price_monthly,
      status: found.status,
      vcpus: found.vcpus,
    },
  };
}
