import { join } from "node:path";
import { expect, it } from "vitest";
import { NameTakenError, openDocumentStore } from "../../../local/store/document-store.ts";
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

it("lists in order of creation and says whether there was something to remove", () => {
  const store = openDocumentStore(newFile());
  const databases = store.collection("d1");
  for (const id of ["c", "a", "b"]) databases.insert("acc", { id, name: id, body: {} });
  expect(databases.list("acc").map(({ id }) => id)).toEqual(["c", "a", "b"]);
  expect(databases.remove("acc", "a")).toBe(true);
  expect(databases.remove("acc", "a")).toBe(false);
  store.close();
});
