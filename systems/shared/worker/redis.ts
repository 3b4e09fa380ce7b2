import { createClient } from "redis";

/** A connection to the server. */
export type Redis = ReturnType<typeof connect>;

/** Runs `work` on a connection of its own, over TLS: one request must not use another's. */
export async function withRedis<Result>(
  url: string,
  work: (redis: Redis) => Promise<Result>,
): Promise<Result> {
  const redis = connect(url);
  // Without a listener an error of the connection ends the request before the call that fails.
  redis.on("error", () => undefined);
  try {
    await redis.connect();
    return await work(redis);
  } finally {
    redis.destroy();
  }
}

function connect(url: string) {
  return createClient({
    url,
    // A request has no time to wait for a server that comes back.
    socket: { reconnectStrategy: false },
    maintNotifications: "disabled",
  });
}
