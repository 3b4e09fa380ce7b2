import { randomBytes } from "node:crypto";
import { inOrder } from "../../in-order.ts";
import { retriesOf } from "../../retries.ts";
import type { Document } from "../../store/document-store.ts";
import type { Sealed } from "../../store/vault.ts";
import type { VendorContext } from "../../vendor-context.ts";

interface DataFolderBody {
  /** Password of the server's superuser. */
  readonly superuser: Sealed;
  /** The droplet whose `setup.sql` fills it. */
  readonly setUpBy: number;
  /** How many of the script's statements were begun. */
  readonly begun: number;
  readonly state: "in setup" | "ready" | "failed";
}

/** Data of a PostgreSQL server, on a droplet's own disk or on a volume; the id is the server's. */
export type DataFolder = Document<DataFolderBody>;

const ROOT = "root";

const foldersOf = ({ store }: VendorContext) => store.collection<DataFolderBody>("do-machine-data");
/** Servers whose data is to be deleted, and is not yet. */
const discardedOf = ({ store }: VendorContext) => store.collection("do-machine-discarded");

export const dropletServerId = (droplet: number): string => `do-droplet-${droplet}`;
export const volumeServerId = (volumeId: string): string => `do-volume-${volumeId}`;

export const findDataFolder = (
  cloud: VendorContext,
  accountId: string,
  serverId: string,
): DataFolder | undefined => foldersOf(cloud).get(accountId, serverId);

export const createDataFolder = (
  cloud: VendorContext,
  accountId: string,
  serverId: string,
  setUpBy: number,
): DataFolder =>
  foldersOf(cloud).insert(accountId, {
    id: serverId,
    name: serverId,
    body: {
      superuser: cloud.vault.seal(randomBytes(24).toString("base64url")),
      setUpBy,
      begun: 0,
      state: "in setup",
    },
  });

export const updateDataFolder = (
  cloud: VendorContext,
  { account, id, body }: DataFolder,
  change: Partial<DataFolderBody>,
): DataFolder => foldersOf(cloud).update(account, id, { body: { ...body, ...change } });

/** Decides that the data goes; to be called in one transaction with what it belongs to. */
export function discard(cloud: VendorContext, accountId: string, serverId: string): void {
  foldersOf(cloud).remove(accountId, serverId);
  if (discardedOf(cloud).get(ROOT, serverId) !== undefined) return;
  discardedOf(cloud).insert(ROOT, { id: serverId, name: serverId, body: {} });
}

/** Deletes the server's data when it is to go. New data may be in its place only then. */
export function deleteIfDiscarded(cloud: VendorContext, serverId: string): Promise<void> {
  return inOrder(cloud, `discarded ${serverId}`, async () => {
    if (discardedOf(cloud).get(ROOT, serverId) === undefined) return;
    await cloud.engines.postgres.remove(serverId);
    discardedOf(cloud).remove(ROOT, serverId);
  });
}

/** Deletes the data that is to go, also what a killed cloud has left. What cannot be deleted is tried again. */
export async function deleteDiscarded(cloud: VendorContext): Promise<void> {
  await Promise.all(
    discardedOf(cloud)
      .list(ROOT)
      .map(({ id }) =>
        retriesOf(cloud).run(`discarded/${id}`, {
          what: `The deletion of the data of ${id}`,
          work: () => deleteIfDiscarded(cloud, id),
        }),
      ),
  );
}
