import { expect } from "vitest";
import { type Extra, type RunningWorker, startWorker } from "./running-worker.ts";

/** Bytes: the most that one request may carry to the Worker under test. */
export const UPLOAD_LIMIT = 6 * 1024 * 1024;

/** The cutty Worker with what its tests do all the time. */
export interface RunningCutty extends RunningWorker {
  /** Creates a user and returns the API key. */
  signUp(username: string): Promise<string>;
  /** Uploads a file and returns its id. */
  upload(bearer: string, filename: string, content: string | Buffer<ArrayBuffer>): Promise<string>;
  /** Starts an upload in parts and returns its id. */
  startUpload(bearer: string, sizeBytes: number, mimeType?: string): Promise<string>;
  /** Sends a part of an upload. */
  sendPart(
    bearer: string,
    upload: string,
    number: number | string,
    content: Buffer<ArrayBuffer>,
  ): Promise<Response>;
  /** Runs a query on the Worker's database. */
  rows<Row>(sql: string, ...values: unknown[]): Promise<Row[]>;
}

export function cuttyBindings(overrides: Record<string, string> = {}): Extra {
  const limit = String(UPLOAD_LIMIT);
  return {
    bindings: { ENVIRONMENT: "staging", MAX_UPLOAD_BYTES: limit, SIGN_UP: "open", ...overrides },
    r2Buckets: { FILES: "cutty-files-staging" },
  };
}

export async function startCutty(): Promise<RunningCutty> {
  const worker = await startWorker("cutty", cuttyBindings());
  return {
    ...worker,
    signUp: async (username) => {
      const json = { email: `${username}@example.com`, username };
      const response = await worker.fetch("/users", { method: "POST", json });
      expect(response.status).toBe(201);
      const { apiKey } = (await response.json()) as { apiKey: { key: string } };
      return apiKey.key;
    },
    upload: async (bearer, filename, content) => {
      const request = { method: "PUT", bearer, body: content };
      const response = await worker.fetch(`/files/${filename}`, request);
      expect(response.status).toBe(201);
      return ((await response.json()) as { file: { id: string } }).file.id;
    },
    startUpload: async (bearer, sizeBytes, mimeType) => {
      const json = { filename: "parts.bin", sizeBytes, mimeType };
      const response = await worker.fetch("/uploads", { method: "POST", bearer, json });
      expect(response.status).toBe(201);
      return ((await response.json()) as { upload: { id: string } }).upload.id;
    },
    sendPart: (bearer, upload, number, body) =>
      worker.fetch(`/uploads/${upload}/parts/${number}`, { method: "PUT", bearer, body }),
    rows: async <Row>(sql: string, ...values: unknown[]) => {
      const statement = (await worker.db()).prepare(sql).bind(...values);
      return (await statement.all<Row>()).results;
    },
  };
}
