import { createHash, randomBytes, randomUUID } from "node:crypto";
import {
  check,
  cleanUp,
  expectStatus,
  expectThat,
  type SmokeResult,
  type SmokeTarget,
  textAt,
} from "./check.ts";

const FILE_BYTES = 32 * 1024;

/** A user with an API key in one environment, and the file that was uploaded with it. */
interface Owner {
  readonly email: string;
  key?: string;
  fileId?: string;
}

/**
 * A file of one environment is read back there byte for byte and does not exist in the other
 * (C21, C22), whose own file is read back too. Files and users are removed afterwards.
 */
export async function cuttyIsolation(a: SmokeTarget, b: SmokeTarget): Promise<SmokeResult[]> {
  const [ofA, ofB] = [newOwner(), newOwner()];
  const results = [
    await check(`cutty ${a.environment}: a file is uploaded and read back`, () =>
      storeAndRead(a, ofA),
    ),
    await check(`cutty ${b.environment}: a file is uploaded and read back`, () =>
      storeAndRead(b, ofB),
    ),
    await check(`cutty ${b.environment}: has no file of ${a.environment}`, () =>
      lacksFile(b, ofB, ofA),
    ),
    await check(`cutty ${a.environment}: has no file of ${b.environment}`, () =>
      lacksFile(a, ofA, ofB),
    ),
  ];
  return [
    ...results,
    ...(await cleanUp("cutty", a, () => removeOwner(a, ofA))),
    ...(await cleanUp("cutty", b, () => removeOwner(b, ofB))),
  ];
}

const newOwner = (): Owner => ({ email: `smoke-${randomUUID()}@example.com` });

/** Adds a user as an operator does, since sign-up is closed outside development. @returns The API key. */
async function addUser(target: SmokeTarget, email: string): Promise<string> {
  const id = randomUUID();
  const username = `smoke-${id.slice(0, 12)}`;
  const key = `cutty_${randomBytes(32).toString("hex")}`;
  const hash = createHash("sha256").update(key).digest("hex");
  await target.query("INSERT INTO users (email, username, id) VALUES (?, ?, ?)", [
    email,
    username,
    id,
  ]);
  await target.query(
    `INSERT INTO api_keys (user_id, name, key_hash, id)
     SELECT id, 'smoke test', ?2, ?3 FROM users WHERE email = ?1`,
    [email, hash, randomUUID()],
  );
  return key;
}

async function storeAndRead(target: SmokeTarget, owner: Owner): Promise<string> {
  const key = await addUser(target, owner.email);
  owner.key = key;
  const content = randomBytes(FILE_BYTES);
  const stored = await target.send({
    method: "PUT",
    path: "/files/smoke.bin",
    token: key,
    content,
  });
  const id = textAt(expectStatus("upload", stored, 201), "file", "id");
  owner.fileId = id;
  const read = await target.send({ method: "GET", path: `/files/${id}/content`, token: key });
  expectStatus("download", read, 200);
  expectThat(read.body.equals(content), "the bytes that came back are not those that were sent");
  return `upload 201, download 200, ${FILE_BYTES} equal bytes`;
}

async function lacksFile(target: SmokeTarget, own: Owner, foreign: Owner): Promise<string> {
  const { key } = own;
  if (key === undefined || foreign.fileId === undefined || foreign.key === undefined) {
    throw new Error("there is no file to look for, because the upload failed");
  }
  const path = `/files/${foreign.fileId}`;
  expectStatus("its own key", await target.send({ method: "GET", path, token: key }), 404);
  expectStatus(
    "the other key",
    await target.send({ method: "GET", path, token: foreign.key }),
    401,
  );
  return "404 with its own key, 401 with the other environment's";
}

/** Rows that outlive their user at the vendor, so that a trail of what a real user did stays. */
const TRAILS = ["file_access_logs", "audit_logs", "security_events"];

async function removeOwner(target: SmokeTarget, { email, key, fileId }: Owner): Promise<void> {
  if (key !== undefined && fileId !== undefined) {
    const path = `/files/${fileId}`;
    const removed = await target.send({ method: "DELETE", path, token: key });
    expectThat(removed.status < 300, `deleting the file answered ${removed.status}`);
  }
  for (const trail of TRAILS) {
    const own = "user_id IN (SELECT id FROM users WHERE email = ?)";
    await target.query(`DELETE FROM ${trail} WHERE ${own}`, [email]);
  }
  await target.query("DELETE FROM users WHERE email = ?", [email]);
}
