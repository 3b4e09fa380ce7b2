import { once } from "node:events";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import {
  NameTakenError,
  openDocumentStore,
  StoreInUseError,
} from "../../../local/store/document-store.ts";
import { specifier, startModule } from "../../support/node-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const newFile = () => join(temporaryFolder(), "store.sqlite");

it("keeps documents across a reopening of the file", () => {
  const file = newFile();
  const first = openDocumentStore(file);
  first.collection<{ size: number }>("d1").insert("acc", { id: "1", name: "a", body: { size: 7 } });
  first.close();

  const second = openDocumentStore(file);
  expect(second.collection<{ size: number }>("d1").get("acc", "1")?.body).toEqual({ size: 7 });
  second.close();
});

it("refuses a second document of the same kind, account and name, and nothing else", () => {
  const store = openDocumentStore(newFile());
  const databases = store.collection("d1");
  databases.insert("acc", { id: "1", name: "a", body: {} });

  expect(() => databases.insert("acc", { id: "2", name: "a", body: {} })).toThrow(NameTakenError);
  databases.insert("other", { id: "2", name: "a", body: {} });
  store.collection("kv").insert("acc", { id: "2", name: "a", body: {} });
  expect(databases.list("acc")).toHaveLength(1);
  store.close();
});

it("refuses to rename a document to a name that is taken, and leaves both as they were", () => {
  const store = openDocumentStore(newFile());
  const databases = store.collection("d1");
  databases.insert("acc", { id: "1", name: "a", body: {} });
  databases.insert("acc", { id: "2", name: "b", body: {} });

  expect(() => databases.update("acc", "2", { name: "a", body: {} })).toThrow(NameTakenError);
  expect(databases.list("acc").map(({ name }) => name)).toEqual(["a", "b"]);
  store.close();
});

it("undoes every write of a transaction that throws", () => {
  const store = openDocumentStore(newFile());
  const databases = store.collection("d1");
  expect(() =>
    store.transaction(() => {
      databases.insert("acc", { id: "1", name: "a", body: {} });
      throw new Error("half-way");
    }),
  ).toThrow("half-way");
  expect(databases.list("acc")).toEqual([]);
  store.close();
});

it("tells the cause when SQLite itself has ended the transaction, as on a full disk", () => {
  const file = newFile();
  openDocumentStore(file).close();
  const database = new DatabaseSync(file);
  database.exec(
    "CREATE TRIGGER full BEFORE INSERT ON documents BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END",
  );
  database.close();
  const store = openDocumentStore(file);
  expect(() =>
    store.transaction(() => store.collection("d1").insert("acc", { id: "1", name: "a", body: {} })),
  ).toThrow("database or disk is full");
  expect(store.collection("d1").list("acc")).toEqual([]);
  store.close();
});

it("is one process's alone until that process ends, however it ends", async () => {
  const file = newFile();
  const holder = startModule(`
    import { openDocumentStore } from ${specifier("local/store/document-store.ts")};
    openDocumentStore(${JSON.stringify(file)});
    console.log("open");
    setInterval(() => {}, 1000);`);
  if (holder.stdout === null) throw new Error("The holder has no output.");
  await once(holder.stdout, "data");
  expect(() => openDocumentStore(file)).toThrow(StoreInUseError);
  const gone = once(holder, "exit");
  holder.kill("SIGKILL");
  await gone;
  openDocumentStore(file).close();
}, 20_000);

it("is readable by its owner only, an older file included", () => {
  const file = newFile();
  writeFileSync(file, "", { mode: 0o644 });
  const store = openDocumentStore(file);
  store.collection("d1").insert("acc", { id: "1", name: "a", body: {} });
  for (const name of readdirSync(dirname(file))) {
    expect(statSync(join(dirname(file), name)).mode & 0o077, name).toBe(0);
  }
  store.close();
});

it("lists in order of creation and says whether there was something to remove", () => {
  const store = openDocumentStore(newFile());
  const databases = store.collection("d1");
  for (const id of ["c", "a", "b"]) databases.insert("acc", { id, name: id, body: {} });
  expect(databases.list("acc").map(({ id }) => id)).toEqual(["c", "a", "b"]);
  expect(databases.remove("acc", "a")).toBe(true);
  expect(databases.remove("acc", "a")).toBe(false);
  store.close();
});
