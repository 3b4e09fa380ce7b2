import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { createAdaptorServer } from "@hono/node-server";
import { AccessKeys, type KeyGrant } from "../../local/access-keys.ts";
import {
  type ObjectStorage,
  type ObjectStorageContext,
  objectStorage,
} from "../../local/object-storage/index.ts";
import { signedFront } from "../../local/signed-front.ts";
import { openDocumentStore } from "../../local/store/document-store.ts";
import { openVault } from "../../local/store/vault.ts";

/** Keys of AWS have their account's rights, those of Spaces what they are granted. */
export interface TestKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface TestObjectStorage {
  readonly url: string;
  readonly dataDir: string;
  readonly logLines: readonly string[];
  readonly s3: ObjectStorage;
  readonly spaces: ObjectStorage;
  readonly awsKey: (accountId: string) => TestKey;
  readonly spacesKey: (accountId: string, ...grants: KeyGrant[]) => TestKey;
  readonly client: (key: TestKey, config?: S3ClientConfig) => S3Client;
  /** Ends it; the data stays. */
  readonly stop: () => Promise<void>;
  /** Ends it and deletes its data. */
  readonly close: () => Promise<void>;
}

/** S3 and Spaces behind one port, as the cloud serves them, and nothing else of it. */
export async function startObjectStorage(
  dataDir = mkdtempSync(join(tmpdir(), "bulkhead-objects-")),
): Promise<TestObjectStorage> {
  const logLines: string[] = [];
  const store = openDocumentStore(join(dataDir, "store.sqlite"));
  const context: ObjectStorageContext = {
    store,
    vault: openVault(join(dataDir, "store.key")),
    dataDir,
    log: (line) => logLines.push(line),
  };
  const s3 = objectStorage(context, "aws");
  const spaces = objectStorage(context, "digitalocean");
  await Promise.all([s3.start(), spaces.start()]);
  const other = (name: string) => ({ fetch: () => new Response(name, { status: 418 }) });
  const front = signedFront({ s3, spaces, r2: other("r2"), aws: other("aws") });
  const server = createAdaptorServer({ fetch: front }) as Server;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const keys = new AccessKeys(context);
  let issued = 0;
  const issue = (vendor: "aws" | "digitalocean", accountId: string, grants: KeyGrant[]) => {
    const { key, secret } = keys.issue({ vendor, accountId, label: `key-${issued++}`, grants });
    return { accessKeyId: key.id, secretAccessKey: secret };
  };
  const stop = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
    await Promise.all([s3.close(), spaces.close()]);
    store.close();
  };
  return {
    url,
    dataDir,
    logLines,
    s3,
    spaces,
    awsKey: (accountId) => issue("aws", accountId, []),
    spacesKey: (accountId, ...grants) => issue("digitalocean", accountId, grants),
    client: (credentials, config = {}) =>
      new S3Client({
        endpoint: url,
        region: "us-east-1",
        forcePathStyle: true,
        maxAttempts: 1,
        credentials,
        ...config,
      }),
    stop,
    async close() {
      await stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export const FULL_ACCESS: KeyGrant = { bucket: "", permission: "fullaccess" };

/** The name and status of what a call was refused with. */
export async function refusalOf(
  call: Promise<unknown>,
): Promise<{ readonly name: string; readonly status: number | undefined }> {
  try {
    await call;
  } catch (error) {
    const { name, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return { name, status: $metadata?.httpStatusCode };
  }
  throw new Error("The call was expected to be refused, but it succeeded.");
}

/** The names of all files below a folder, in order. */
export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();
