import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADA, type RunningQhub, startQhub } from "./running-qhub.ts";

let qhub: RunningQhub;
let token: string;

beforeAll(async () => {
  qhub = await startQhub();
  token = await qhub.register(ADA);
});

afterAll(() => qhub.stop());

const statusesOf = (answers: readonly Response[]) => answers.map(({ status }) => status);

async function attempts(email: string, count: number): Promise<number[]> {
  return statusesOf(
    await Promise.all(Array.from({ length: count }, () => qhub.login(email, "wrong password"))),
  );
}

describe("the limits of the qhub API", () => {
  it("let an address try ten passwords, known or not, even at once", async () => {
    for (const email of [ADA.email, "nobody@example.com"]) {
      const statuses = await attempts(email, 12);
      expect(statuses.sort()).toEqual([...Array(10).fill(401), 429, 429]);
    }
    const refused = await qhub.login(ADA.email, ADA.password);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(14 * 60);
    expect((await qhub.login("somebody@example.com", "x")).status).toBe(401);
  });

  it("let it try again when the window is over, and forget what is over", async () => {
    const db = await qhub.db();
    await db.prepare("UPDATE login_attempts SET window_ends_at = '2020-01-01T00:00:00.000Z'").run();
    expect((await qhub.login(ADA.email, ADA.password)).status).toBe(200);
    expect((await db.prepare("SELECT * FROM login_attempts").all()).results).toEqual([]);
  });

  it("count again from none after a success", async () => {
    expect(await attempts(ADA.email, 9)).toEqual(Array(9).fill(401));
    expect((await qhub.login(ADA.email, ADA.password)).status).toBe(200);
    expect(await attempts(ADA.email, 10)).toEqual(Array(10).fill(401));
  });

  it.each(["/auth/register", "/auth/login"])(
    "refuse a body above 64 KiB at %s, announced or not",
    async (path) => {
      const json = { ...ADA, password: "x".repeat(70_000) };
      expect((await qhub.fetch(path, { method: "POST", json })).status).toBe(413);
      const streamed = await qhub.fetch(path, {
        method: "POST",
        body: new Blob([JSON.stringify(json)]).stream(),
        duplex: "half",
      } as RequestInit);
      expect(streamed.status).toBe(413);
    },
  );

  it("show the model the last twenty messages of a conversation", async () => {
    const first = await (await qhub.chat(token, { message: "0" })).json();
    const { conversationId } = first as { conversationId: string };
    let answer = "";
    for (let round = 1; round <= 12; round += 1) {
      const response = await qhub.chat(token, { message: String(round), conversationId });
      ({ answer } = (await response.json()) as { answer: string });
    }
    expect(answer).toBe("21: 12");
  });
});
