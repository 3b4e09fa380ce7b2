import { createClient } from "redis";

interface Env {
  /** `rediss://user:password@host:port` */
  readonly REDIS_URL: string;
}

/** Keeps what is POSTed and answers with what was kept, over one connection by TLS a request. */
const worker = {
  async fetch(request: Request, env: Env): Promise<Response> {
    const client = createClient({
      url: env.REDIS_URL,
      // A Worker's request has no time to wait for a server that comes back.
      socket: { reconnectStrategy: false },
      maintNotifications: "disabled",
    });
    // Without a listener an error of the connection ends the request before the call that fails.
    client.on("error", () => undefined);
    try {
      await client.connect();
      if (request.method === "POST") await client.set("app:note", await request.text());
      return Response.json({ note: await client.get("app:note") });
    } catch (error) {
      return new Response(error instanceof Error ? error.message : String(error), { status: 500 });
    } finally {
      client.destroy();
    }
  },
};

export { worker as default };
