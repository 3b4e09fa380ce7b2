import { z } from "zod";
import { type Document, NameTakenError } from "../../store/document-store.ts";
import { checked } from "../envelope.ts";
import { hexId } from "../identifiers.ts";
import type { CloudContext } from "../service.ts";
import { INVALID_REQUEST, invalidTitle, namespaceNotFound, titleTaken } from "./errors.ts";

/** The longest title, in characters. */
const MAX_TITLE_LENGTH = 512;

const titleBody = z.object({ title: z.string() });

const namespacesOf = ({ store }: CloudContext) =>
  store.collection<Record<string, never>>("kv-namespace");

export const listNamespaces = (cloud: CloudContext, accountId: string): Document<unknown>[] =>
  namespacesOf(cloud).list(accountId);

/** The account's namespace with this id, or the vendor's 404. */
export function requireNamespace(
  cloud: CloudContext,
  accountId: string,
  id: string,
): Document<unknown> {
  const namespace = namespacesOf(cloud).get(accountId, id);
  if (namespace === undefined) throw namespaceNotFound();
  return namespace;
}

export function createNamespace(
  cloud: CloudContext,
  accountId: string,
  body: unknown,
): Document<unknown> {
  const name = titleOf(body);
  return refusingTakenTitle("create", () =>
    namespacesOf(cloud).insert(accountId, { id: hexId(), name, body: {} }),
  );
}

export function renameNamespace(
  cloud: CloudContext,
  accountId: string,
  id: string,
  body: unknown,
): Document<unknown> {
  const name = titleOf(body);
  requireNamespace(cloud, accountId, id);
  return refusingTakenTitle("rename", () =>
    namespacesOf(cloud).update(accountId, id, { name, body: {} }),
  );
}

/** Deletes the namespace with every key in it. */
export async function deleteNamespace(
  cloud: CloudContext,
  accountId: string,
  id: string,
): Promise<void> {
  requireNamespace(cloud, accountId, id);
  await cloud.runtimes.of(accountId).erase("namespaces", id, () => {
    namespacesOf(cloud).remove(accountId, id);
  });
}

function titleOf(body: unknown): string {
  const { title } = checked(body, titleBody, INVALID_REQUEST);
  if (title.trim() === "") throw invalidTitle("the title is empty");
  if (title.length > MAX_TITLE_LENGTH) {
    throw invalidTitle(`the title is longer than ${MAX_TITLE_LENGTH} characters`);
  }
  return title;
}

function refusingTakenTitle<R>(operation: "create" | "rename", write: () => R): R {
  try {
    return write();
  } catch (error) {
    if (error instanceof NameTakenError) throw titleTaken(operation);
    throw error;
  }
}
