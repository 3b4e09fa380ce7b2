import { expect } from "vitest";
import { type RunningWorker, startWorker } from "./running-worker.ts";

/** Bytes: the most that one request may carry to the Worker under test. */
export const UPLOAD_LIMIT = 6 * 1024 * 1024;

/** The cutty Worker with what its tests do all the time. */
export interface RunningCutty extends RunningWorker {
  /** Creates a user and returns the API key. */
  signUp(username: string): Promise<string>;
  /** Uploads a file and returns its id. */
  upload(bearer: string, filename: string, content: string | Buffer<ArrayBuffer>): Promise<string>;
  /** Runs a query on the Worker's database. */
  rows<Row>(sql: string, ...values: unknown[]): Promise<Row[]>;
}

export async function startCutty(): Promise<RunningCutty> {
  const worker = await startWorker("cutty", {
    bindings: { ENVIRONMENT: "staging", MAX_UPLOAD_BYTES: String(UPLOAD_LIMIT) },
    r2Buckets: { FILES: "cutty-files-staging" },
  });
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
    rows: async <Row>(sql: string, ...values: unknown[]) => {
      const statement = (await worker.db()).prepare(sql).bind(...values);
      return (await statement.all<Row>()).results;
    },
  };
}
