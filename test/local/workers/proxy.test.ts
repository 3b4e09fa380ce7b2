import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud, type TestCloud, type TestEnvironment } from "../../support/local-cloud.ts";
import { exchange, putWorker, replying, serveWorker } from "../../support/workers.ts";

let cloud: TestCloud;
let staging: TestEnvironment;

beforeAll(async () => {
  cloud = await startTestCloud();
  staging = cloud.environment("staging");
});
afterAll(() => cloud.close());

const worker = (body: string) => `export default { async fetch(request, env) { ${body} } }`;

describe("an answer of a Worker", () => {
  it("that it compressed itself arrives with the same bytes, encoding and length", async () => {
    const host = await serveWorker(
      staging,
      "gzipped",
      worker(`
        const stream = new Response("hello ".repeat(1000)).body.pipeThrough(new CompressionStream("gzip"));
        const bytes = await new Response(stream).arrayBuffer();
        return new Response(bytes, { encodeBody: "manual", headers: {
          "content-encoding": "gzip", "content-length": String(bytes.byteLength), "content-type": "image/x-own" } });`),
    );
    const { headers, body } = await exchange(cloud, host, "/", {
      headers: { "accept-encoding": "gzip" },
    });
    expect(headers["content-encoding"]).toBe("gzip");
    expect(headers["content-length"]).toBe(String(body.length));
    expect(gunzipSync(body).toString()).toBe("hello ".repeat(1000));
    expect(Object.keys(headers).filter((name) => name.startsWith("mf-"))).toEqual([]);
  });

  it("keeps each of its cookies, and a redirect as a redirect", async () => {
    const host = await serveWorker(
      staging,
      "cookies",
      worker(`
        const headers = new Headers({ location: "https://example.com/" });
        headers.append("set-cookie", "a=1; Expires=Wed, 21 Oct 2037 07:28:00 GMT");
        headers.append("set-cookie", "b=2");
        return new Response(null, { status: 302, headers });`),
    );
    const { status, headers } = await exchange(cloud, host);
    expect(status).toBe(302);
    expect(headers.location).toBe("https://example.com/");
    expect(headers["set-cookie"]).toEqual(["a=1; Expires=Wed, 21 Oct 2037 07:28:00 GMT", "b=2"]);
  });

  it("that is an exception is the vendor's page, without message, stack or path, which the log has", async () => {
    const host = await serveWorker(
      staging,
      "throwing",
      worker(`throw new Error("the-secret-of-the-stack")`),
    );
    const { status, body } = await exchange(cloud, host);
    expect({ status, body: body.toString() }).toEqual({ status: 500, body: "error code: 1101" });
    expect(cloud.logLines.join("\n")).toContain("the-secret-of-the-stack");
  });

  it("with status 500 of its own is left as it is", async () => {
    const host = await serveWorker(
      staging,
      "failing",
      worker(`return new Response("mine", { status: 500 })`),
    );
    const { status, body } = await exchange(cloud, host);
    expect({ status, body: body.toString() }).toEqual({ status: 500, body: "mine" });
  });
});

describe("a request to a Worker", () => {
  it("comes under its public URL and host, from the caller's address, without what only the edge may say", async () => {
    const host = await serveWorker(
      staging,
      "headers",
      replying(
        "{ url: request.url, ...Object.fromEntries(request.headers), colo: request.cf?.colo }",
      ),
    );
    const headers = {
      "mf-cf-blob": '{"colo":"FORGED"}',
      "mf-original-url": "https://forged.example/",
      "mf-route-override": "bulkhead.storage",
      "bulkhead-worker": "other",
      "cf-connecting-ip": "6.6.6.6",
      "x-real-ip": "6.6.6.6",
      "x-own": "kept",
    };
    const { status, body } = await exchange(cloud, host, "/a%20b?c=d", { headers });
    expect(status).toBe(200);
    const seen: Record<string, string> = JSON.parse(body.toString());
    expect(seen).toMatchObject({
      url: `https://${host}/a%20b?c=d`,
      host,
      "cf-connecting-ip": "127.0.0.1",
      "x-own": "kept",
    });
    expect(JSON.stringify(seen)).not.toMatch(/FORGED|forged|6\.6\.6\.6|mf-|bulkhead-/i);
    const broken = await exchange(cloud, host, "/", { headers: { "mf-cf-blob": "{" } });
    expect(broken.status).toBe(200);
  });

  it("cannot reach the runtime's own paths, however they are written", async () => {
    const host = await serveWorker(staging, "plain", replying("'plain'"));
    for (const path of ["/cdn-cgi/local/r2/public/x/y", "/a/../cdn-cgi/x", "/%2e%2e/cdn-cgi/x"]) {
      expect((await exchange(cloud, host, path)).status).toBe(404);
    }
  });

  it("streams its body, which the Worker reads before the client has sent all of it", async () => {
    const host = await serveWorker(
      staging,
      "streaming",
      worker(`
        const { readable, writable } = new TransformStream();
        request.body.pipeTo(writable);
        return new Response(readable, { headers: { "content-type": "text/event-stream" } });`),
    );
    const request = httpRequest(cloud.apiUrl, { method: "POST", headers: { host } });
    request.write("first");
    const [response] = await once(request, "response");
    const chunks: AsyncIterator<Buffer> = response[Symbol.asyncIterator]();
    expect(String((await chunks.next()).value)).toBe("first");
    request.end("second");
    expect(String((await chunks.next()).value)).toBe("second");
    expect((await chunks.next()).done).toBe(true);
  });

  it("whose client leaves does not hold up the next change", async () => {
    const host = await serveWorker(
      staging,
      "slow",
      worker(`await new Promise((done) => setTimeout(done, 30_000)); return new Response("late")`),
    );
    const request = httpRequest(cloud.apiUrl, { headers: { host } });
    request.on("error", () => undefined).end();
    await sleep(300);
    request.destroy();
    const before = Date.now();
    await putWorker(staging, "after-slow", replying("1"));
    // Not as long as the Worker would have taken.
    expect(Date.now() - before).toBeLessThan(20_000);
  }, 60_000);

  it("under way is not cut by the upload of another Worker, however long its answer takes", async () => {
    const host = await serveWorker(
      staging,
      "writing",
      worker(
        `await new Promise((done) => setTimeout(done, 11_000)); return new Response("written")`,
      ),
    );
    const written = exchange(cloud, host);
    await sleep(300);
    await putWorker(staging, "unrelated", replying("1"));
    expect((await written).body.toString()).toBe("written");
  }, 40_000);
});

describe("a WebSocket", () => {
  it("is passed to the Worker and back", async () => {
    const host = await serveWorker(
      staging,
      "socket",
      worker(`
        const [client, server] = Object.values(new WebSocketPair());
        server.accept();
        server.addEventListener("message", ({ data }) => server.send("echo " + data));
        return new Response(null, { status: 101, webSocket: client });`),
    );
    const { socket, answer } = await upgrade(host);
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    socket.write(maskedTextFrame("hi"));
    expect(String((await once(socket, "data"))[0])).toContain("echo hi");
    socket.destroy();
  });

  it("that is open does not keep the local cloud from stopping", async () => {
    const other = await startTestCloud();
    const host = await serveWorker(
      other.environment("staging"),
      "open",
      worker(`
        const [client, server] = Object.values(new WebSocketPair());
        server.accept();
        return new Response(null, { status: 101, webSocket: client });`),
    );
    const { socket, answer } = await upgrade(host, other);
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    const ended = once(socket, "close");
    await other.close();
    await ended;
  });

  it("that the Worker does not take is answered by what the Worker says", async () => {
    const host = await serveWorker(
      staging,
      "no-socket",
      worker(`return new Response("no sockets here", { status: 426 })`),
    );
    const { socket, answer } = await upgrade(host);
    expect(answer).toMatch(/^HTTP\/1\.1 426 /);
    expect(answer).toContain("no sockets here");
    socket.destroy();
  });

  it("to the API is refused in words", async () => {
    const { socket, answer } = await upgrade("127.0.0.1");
    expect(answer).toMatch(/^HTTP\/1\.1 501 [\s\S]*no WebSockets/);
    socket.destroy();
  });

  async function upgrade(host: string, { apiUrl } = cloud) {
    const socket = connect(Number(new URL(apiUrl).port), "127.0.0.1");
    socket.write(
      `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    let answer = String((await once(socket, "data"))[0]);
    if (!answer.includes(" 101 ")) {
      socket.on("data", (more) => {
        answer += String(more);
      });
      await once(socket, "end");
    }
    return { socket, answer };
  }

  /** RFC 6455, 5.2: a final text frame, masked with zeros. */
  const maskedTextFrame = (text: string) =>
    Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
});
