import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Cloudflare from "cloudflare";
import { expect, onTestFinished, test } from "vitest";
import { AWS_PRODUCTS } from "../../../drift/inventory/aws/index.ts";
import { CLOUDFLARE_PRODUCTS } from "../../../drift/inventory/cloudflare.ts";
import { DIGITALOCEAN_PRODUCTS } from "../../../drift/inventory/digitalocean/index.ts";
import { failureOf } from "../../../drift/inventory/failure.ts";
import { VendorFault } from "../../../providers/sdk/fault.ts";
import { AWS_CASES, CLOUDFLARE_CASES, DIGITALOCEAN_CASES } from "./products.ts";

const PRODUCTS = [...CLOUDFLARE_PRODUCTS, ...DIGITALOCEAN_PRODUCTS, ...AWS_PRODUCTS];
const QUEUE = "cloudflare:index/queue:Queue";

test("no type is in two lines, and every reason is a sentence", () => {
  const types = PRODUCTS.flatMap((each) => each.types);
  expect(new Set(types).size).toBe(types.length);
  for (const { defaults, permission } of PRODUCTS) {
    expect(permission).toMatch(/^(the (permission|scope|right) \S+|a Spaces key)/);
    for (const reason of defaults) expect(reason).toMatch(/^[A-Z].*\.$/);
  }
});

test("every product is tried on the local cloud, but queues, which that does not have", () => {
  const tried = [...CLOUDFLARE_CASES, ...DIGITALOCEAN_CASES, ...AWS_CASES].map(({ type }) => type);
  expect([...tried, QUEUE].sort()).toEqual(PRODUCTS.map(({ types: [type] }) => type).sort());
});

test("queues are listed, and an API without the product has none", async () => {
  const list = async (status: number, body: object) =>
    listed(QUEUE, await answering(() => ({ status, body })));
  const queue = { queue_id: "q1", queue_name: "mails", created_on: "2026-01-01T00:00:00Z" };
  const [found] = (await list(200, { success: true, errors: [], result: [queue] })) ?? [];
  expect(found).toMatchObject({ id: "q1", name: "mails", expected: undefined });
  expect(await found?.importId()).toBe(`${"a".repeat(32)}/q1`);
  expect(await found?.holds()).toBe("messages");
  const noRoute = [
    { code: 7003, message: "Could not route" },
    { code: 7000, message: "No route" },
  ];
  expect(await list(404, { success: false, errors: noRoute })).toEqual([]);
  const refused = list(404, { success: false, errors: [{ code: 1, message: "No account" }] });
  await expect(refused).rejects.toThrow("No account");
});

test("R2's buckets are listed page after page", async () => {
  const names = Array.from({ length: 1_500 }, (_, index) => `b${String(index).padStart(4, "0")}`);
  const client = await answering(({ searchParams }) => {
    const rest = names.filter((name) => name > (searchParams.get("start_after") ?? ""));
    const page = rest.slice(0, Number(searchParams.get("per_page")));
    const result = { buckets: page.map((name) => ({ name })) };
    return { status: 200, body: { success: true, errors: [], result } };
  });
  const found = await listed("cloudflare:index/r2Bucket:R2Bucket", client);
  expect(found?.map(({ name }) => name)).toEqual(names);
});

const listed = (type: string, client: Cloudflare) =>
  CLOUDFLARE_PRODUCTS.find(({ types }) => types[0] === type)?.list({
    accountId: "a".repeat(32),
    client,
  });

async function answering(
  answer: (url: URL) => { readonly status: number; readonly body: object },
): Promise<Cloudflare> {
  const server = createServer((request, response) => {
    const { status, body } = answer(new URL(request.url ?? "/", "http://localhost"));
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return new Cloudflare({
    apiToken: "t".repeat(40),
    baseURL: `http://127.0.0.1:${port}`,
    maxRetries: 0,
  });
}

test("a refusal for want of a right is told from every other failure", () => {
  const fault = new VendorFault("refused", "You do not have access.", { code: "forbidden" });
  expect(failureOf(fault)).toMatchObject({ said: "You do not have access", forbidden: true });
  const denied = Object.assign(new Error("Denied"), { name: "AccessDenied" });
  expect(failureOf(denied)).toMatchObject({ forbidden: true });
  const status = Object.assign(new Error("No"), { $metadata: { httpStatusCode: 403 } });
  expect(failureOf(status)).toMatchObject({ forbidden: true });
  for (const error of [new Error("socket hang up"), "odd", new VendorFault("lost", "gone")])
    expect(failureOf(error)).toMatchObject({ forbidden: false });
});
