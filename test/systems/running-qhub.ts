import { expect } from "vitest";
import { type Extra, type RunningWorker, startWorker } from "./running-worker.ts";

export const SECRET = "a".repeat(64);
export const ADA = { email: "ada@example.com", password: "correct horse", username: "ada" };

/** Stands in for Workers AI: answers with the number of messages and the last one. */
const AI_SCRIPT = `
  import { WorkerEntrypoint } from "cloudflare:workers";
  export default class extends WorkerEntrypoint {
    run(model, { messages }) {
      const question = messages.at(-1).content;
      if (question === "fail") throw new Error("5007: No such model");
      return { response: messages.length + ": " + question,
               usage: { prompt_tokens: 3, completion_tokens: 4 } };
    }
  }`;

/** The qhub Worker with what its tests do all the time. */
export interface RunningQhub extends RunningWorker {
  /** Creates a user and returns a session's token. */
  register(user: typeof ADA): Promise<string>;
  login(email: string, password: string): Promise<Response>;
  chat(bearer: string, json: unknown): Promise<Response>;
}

export function qhubBindings(overrides: Record<string, string> = {}): Extra {
  return {
    bindings: { JWT_SECRET: SECRET, ENVIRONMENT: "staging", ...overrides },
    serviceBindings: { AI: "ai" },
  };
}

export async function startQhub(): Promise<RunningQhub> {
  const worker = await startWorker("qhub", qhubBindings(), [
    { name: "ai", modules: true, script: AI_SCRIPT, compatibilityDate: "2026-01-01" },
  ]);
  return {
    ...worker,
    register: async (json) => {
      const response = await worker.fetch("/auth/register", { method: "POST", json });
      expect(response.status).toBe(201);
      return ((await response.json()) as { token: string }).token;
    },
    login: (email, password) =>
      worker.fetch("/auth/login", { method: "POST", json: { email, password } }),
    chat: (bearer, json) => worker.fetch("/ai/chat", { method: "POST", bearer, json }),
  };
}
