import { Hono } from "hono";
import * as z from "zod/mini";
import { ApiError, readJson } from "../../shared/worker/http.ts";
import { logError } from "../../shared/worker/log.ts";
import { authenticate } from "./authenticate.ts";
import type { AppEnv, Bindings } from "./environment.ts";

const MODEL = "@cf/meta/llama-3.1-8b-instruct-fast";
const MAX_CHARACTERS = 8000;
/** Messages of a conversation that the model is shown again: its context is finite, and paid for. */
const MAX_HISTORY = 20;

const Question = z.object({
  message: z
    .string()
    .check(z.minLength(1, "must not be empty"), z.maxLength(MAX_CHARACTERS, "is too long")),
  conversationId: z.optional(z.uuid("must be a conversation's id")),
});

interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

interface Answer {
  readonly text: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** One question to Workers AI, kept with its answer in the caller's conversation. */
export const chat = new Hono<AppEnv>();

chat.post("/chat", authenticate, async (c) => {
  const { message, conversationId } = await readJson(c, Question);
  const { userId } = c.var.principal;
  const history = conversationId ? await readConversation(c.env, userId, conversationId) : [];
  const answer = await ask(c.env, [...history, { role: "user", content: message }]);
  const id = await remember(c.env, userId, conversationId, message, answer);
  return c.json({ conversationId: id, model: MODEL, answer: answer.text });
});

async function readConversation(
  env: Bindings,
  userId: string,
  conversationId: string,
): Promise<ChatMessage[]> {
  const owned = await env.DB.prepare("SELECT 1 FROM conversations WHERE id = ? AND user_id = ?")
    .bind(conversationId, userId)
    .first();
  if (!owned) {
    throw new ApiError(404, "You have no conversation with this id.");
  }
  const { results } = await env.DB.prepare(
    "SELECT role, content FROM messages WHERE conversation_id = ? ORDER BY position DESC LIMIT ?",
  )
    .bind(conversationId, MAX_HISTORY)
    .all<ChatMessage>();
  return results.reverse();
}

async function ask(env: Bindings, messages: ChatMessage[]): Promise<Answer> {
  let output: unknown;
  try {
    output = await env.AI.run(MODEL, { messages });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    // The vendor's words may name the account; its number says enough to report the failure.
    const code = /\b\d{4}(?=:)/.exec(reason)?.[0];
    logError({ model: MODEL, error: reason });
    throw new ApiError(
      502,
      "Workers AI did not answer. Try again later.",
      { model: MODEL, ...(code === undefined ? {} : { code }) },
      { cause },
    );
  }
  const parsed = ModelOutput.safeParse(output);
  if (!parsed.success) {
    throw new ApiError(502, "Workers AI answered without a text.", { model: MODEL });
  }
  const { response, usage } = parsed.data;
  return {
    text: response,
    promptTokens: usage?.prompt_tokens ?? 0,
    completionTokens: usage?.completion_tokens ?? 0,
  };
}

const ModelOutput = z.object({
  response: z.string(),
  usage: z.optional(z.object({ prompt_tokens: z.number(), completion_tokens: z.number() })),
});

async function remember(
  env: Bindings,
  userId: string,
  conversationId: string | undefined,
  question: string,
  answer: Answer,
): Promise<string> {
  const id = conversationId ?? crypto.randomUUID();
  const addMessage = env.DB.prepare(
    `INSERT INTO messages (id, conversation_id, position, role, content, model)
     SELECT ?1, ?2, COALESCE(MAX(position), 0) + 1, ?3, ?4, ?5
     FROM messages WHERE conversation_id = ?2`,
  );
  // One batch is one transaction: a conversation never holds a question without its answer.
  await env.DB.batch([
    env.DB.prepare(
      "INSERT INTO conversations (id, user_id, title) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
    ).bind(id, userId, question.slice(0, 80)),
    addMessage.bind(crypto.randomUUID(), id, "user", question, null),
    addMessage.bind(crypto.randomUUID(), id, "assistant", answer.text, MODEL),
    env.DB.prepare(
      `INSERT INTO usage_records (user_id, kind, resource, quantity, unit)
       VALUES (?, 'ai_chat', ?, ?, 'tokens')`,
    ).bind(userId, MODEL, answer.promptTokens + answer.completionTokens),
  ]);
  return id;
}
