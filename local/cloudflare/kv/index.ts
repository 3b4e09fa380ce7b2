import { Hono } from "hono";
import { z } from "zod";
import type { Document } from "../../store/document-store.ts";
import { checked, jsonBody, ok, okPage } from "../envelope.ts";
import { restOfPath } from "../rest-of-path.ts";
import type { ApiContext, ApiEnv, CloudflareService } from "../service.ts";
import { bulkBody, expirationQuery, valueBody } from "./bodies.ts";
import { INVALID_REQUEST, invalidArgument, keyNotFound } from "./errors.ts";
import {
  bulkDelete,
  bulkDeleteBody,
  bulkGet,
  bulkGetBody,
  bulkPut,
  bulkPutBody,
  expirationOf,
  putValue,
} from "./keys.ts";
import {
  createNamespace,
  deleteNamespace,
  listNamespaces,
  renameNamespace,
  requireNamespace,
} from "./namespaces.ts";

const NAMESPACES = "/accounts/:account/storage/kv/namespaces";
const NAMESPACE = `${NAMESPACES}/:namespace`;
const PAGE = { perPage: 20, maxPerPage: 1000 };
const MAX_KEY_BYTES = 512;

const listQuery = z.object({
  prefix: z.string().optional(),
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(10).max(1000).default(1000),
});

const describeNamespace = ({ id, name }: Document<unknown>) => ({
  id,
  title: name,
  supports_url_encoding: true,
});

const bulkDone = (count: number) => ({ successful_key_count: count, unsuccessful_keys: [] });

/**
 * Workers KV: namespaces, values and bulk operations. Differs from the vendor's in that a write is
 * seen everywhere at once, where the vendor's takes up to a minute.
 * @see https://developers.cloudflare.com/api/resources/kv/
 */
export const kvService: CloudflareService = {
  name: "kv",
  contribute: (cloud, accountId) => ({
    namespaces: listNamespaces(cloud, accountId).map(({ id }) => id),
  }),
  routes(cloud) {
    /** What reaches the values of the path's namespace. */
    const valuesOf = (c: ApiContext) => {
      const accountId = c.get("accountId");
      const { id } = requireNamespace(cloud, accountId, c.req.param("namespace") ?? "");
      const runtime = cloud.runtimes.of(accountId);
      return <R>(work: Parameters<typeof runtime.namespace<R>>[1]) => runtime.namespace(id, work);
    };
    const deleteKeys = async (c: ApiContext) => {
      const withValues = valuesOf(c);
      const keys = await bulkBody(c, "bulk delete", bulkDeleteBody);
      await withValues((namespace) => bulkDelete(namespace, keys));
      return ok(c, bulkDone(keys.length));
    };

    return new Hono<ApiEnv>()
      .get(NAMESPACES, (c) => {
        const order = c.req.query("order") === "title" ? "title" : "id";
        const namespaces = listNamespaces(cloud, c.get("accountId")).map(describeNamespace);
        if (c.req.query("order") !== undefined) {
          namespaces.sort((a, b) => (a[order] < b[order] ? -1 : 1));
        }
        if (c.req.query("direction") === "desc") namespaces.reverse();
        return okPage(c, namespaces, PAGE);
      })
      .post(NAMESPACES, async (c) => {
        const body = await jsonBody(c, z.unknown(), INVALID_REQUEST);
        return ok(c, describeNamespace(createNamespace(cloud, c.get("accountId"), body)));
      })
      .get(NAMESPACE, (c) =>
        ok(
          c,
          describeNamespace(requireNamespace(cloud, c.get("accountId"), c.req.param("namespace"))),
        ),
      )
      .put(NAMESPACE, async (c) => {
        const body = await jsonBody(c, z.unknown(), INVALID_REQUEST);
        const id = c.req.param("namespace");
        return ok(c, describeNamespace(renameNamespace(cloud, c.get("accountId"), id, body)));
      })
      .delete(NAMESPACE, async (c) => {
        await deleteNamespace(cloud, c.get("accountId"), c.req.param("namespace"));
        return ok(c, null);
      })
      .get(`${NAMESPACE}/keys`, async (c) => {
        const withValues = valuesOf(c);
        const { prefix, cursor, limit } = checked(c.req.query(), listQuery, INVALID_REQUEST);
        const page = await withValues((namespace) =>
          namespace.list({
            limit,
            ...(prefix === undefined ? {} : { prefix }),
            ...(cursor === undefined || cursor === "" ? {} : { cursor }),
          }),
        );
        return ok(c, page.keys, {
          count: page.keys.length,
          cursor: page.list_complete ? "" : page.cursor,
        });
      })
      .put(`${NAMESPACE}/values/*`, async (c) => {
        const withValues = valuesOf(c);
        const key = keyOf(c, "put");
        const expiration = checked(c.req.query(), expirationQuery, INVALID_REQUEST);
        const body = await valueBody(c);
        await withValues((namespace) => putValue(namespace, key, body, expiration));
        return ok(c, null);
      })
      .get(`${NAMESPACE}/values/*`, async (c) => {
        const key = keyOf(c, "get");
        const { value, expiration } = await valuesOf(c)(async (namespace) => ({
          value: await namespace.get(key, "arrayBuffer"),
          expiration: await expirationOf(namespace, key),
        }));
        if (value === null) throw keyNotFound();
        return c.body(value, 200, {
          "content-type": "application/octet-stream",
          ...(expiration === undefined ? {} : { expiration: String(expiration) }),
        });
      })
      .delete(`${NAMESPACE}/values/*`, async (c) => {
        const key = keyOf(c, "delete");
        await valuesOf(c)((namespace) => namespace.delete(key));
        return ok(c, null);
      })
      .get(`${NAMESPACE}/metadata/*`, async (c) => {
        const key = keyOf(c, "get");
        const { value, metadata } = await valuesOf(c)((namespace) =>
          namespace.getWithMetadata(key, "arrayBuffer"),
        );
        if (value === null) throw keyNotFound();
        return ok(c, metadata);
      })
      .put(`${NAMESPACE}/bulk`, async (c) => {
        const withValues = valuesOf(c);
        const entries = await bulkBody(c, "bulk put", bulkPutBody);
        await withValues((namespace) => bulkPut(namespace, entries));
        return ok(c, bulkDone(entries.length));
      })
      .delete(`${NAMESPACE}/bulk`, deleteKeys)
      .post(`${NAMESPACE}/bulk/delete`, deleteKeys)
      .post(`${NAMESPACE}/bulk/get`, async (c) => {
        const withValues = valuesOf(c);
        const request = await bulkBody(c, "bulk get", bulkGetBody);
        return ok(c, { values: await withValues((namespace) => bulkGet(namespace, request)) });
      });
  },
};

/** The key that the path names. */
function keyOf(context: ApiContext, operation: string): string {
  const key = restOfPath(context);
  if (key === "") throw invalidArgument(operation, "the key is empty");
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw invalidArgument(operation, `the key is longer than ${MAX_KEY_BYTES} bytes`);
  }
  return key;
}
