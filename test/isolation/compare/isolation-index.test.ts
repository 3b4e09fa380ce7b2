import { describe, expect, test } from "vitest";
import { IsolationIndex } from "../../../isolation/compare/index.ts";
import { secret, stackWith } from "./manifests.ts";

const staging = stackWith("staging", {
  db: { claims: ["id:1"] },
  api: {
    claims: ["worker:a/api"],
    references: [
      ["id:1", "bindings[0].id", "binding"],
      ["id:1", "bindings[2].text", "id"],
      ["server:db.example.com", "bindings[1].text", "url"],
    ],
    secrets: [secret("bindings[3].text", "f1", "f2"), secret("bindings[4].text", "f2")],
  },
});
const production = stackWith("production", {
  db: { claims: ["id:2"] },
  api: { references: [["server:db.example.com", "bindings[1].text", "url"]] },
  jwt: { secrets: [secret("result", "f2")] },
});

function indexOf(...sources: (typeof staging)[]): IsolationIndex {
  const index = new IsolationIndex();
  for (const { stack, load } of sources) index.add(stack, load);
  return index;
}

describe("an index", () => {
  const index = indexOf(staging, production);

  test("tells who owns an identity", () => {
    expect(index.ownersOf("id:1")).toEqual([{ stack: staging.stack, urn: "db" }]);
    expect(index.ownersOf("id:3")).toEqual([]);
  });

  test("tells every property that uses an identity, in every stack", () => {
    expect(index.usersOf("id:1").map(({ path }) => path)).toEqual([
      "bindings[0].id",
      "bindings[2].text",
    ]);
    expect(index.usersOf("server:db.example.com")).toEqual([
      { stack: staging.stack, urn: "api", path: "bindings[1].text" },
      { stack: production.stack, urn: "api", path: "bindings[1].text" },
    ]);
    expect(index.usersOf("worker:a/api")).toEqual([]);
  });

  test("tells every secret with a fingerprint", () => {
    expect(index.holdersOf("f1")).toEqual([
      { stack: staging.stack, urn: "api", path: "bindings[3].text" },
    ]);
    expect(index.holdersOf("f2").map(({ stack, path }) => [stack.stack, path])).toEqual([
      ["staging", "bindings[3].text"],
      ["staging", "bindings[4].text"],
      ["production", "result"],
    ]);
  });

  test("takes names of object properties for what they are", () => {
    expect(index.ownersOf("__proto__")).toEqual([]);
    expect(index.holdersOf("constructor")).toEqual([]);
  });
});

test("a stack's view of an index leaves out that stack, and no stack of another organization", () => {
  const other = { ...staging, stack: { ...staging.stack, organization: "other" } };
  const view = indexOf(staging, production, other).without(staging.stack);
  expect(view.usersOf("server:db.example.com").map(({ stack }) => stack)).toEqual([
    production.stack,
    other.stack,
  ]);
  expect(view.ownersOf("id:1").map(({ stack }) => stack)).toEqual([other.stack]);
  expect(view.holdersOf("f1").map(({ stack }) => stack)).toEqual([other.stack]);
});

test("manifests are loaded once to be read, and again only for what is found", () => {
  const loads: string[] = [];
  const index = new IsolationIndex();
  for (const { stack, load } of [staging, production])
    index.add(stack, () => {
      loads.push(stack.stack);
      return load();
    });
  expect(loads).toEqual(["staging", "production"]);
  index.ownersOf("id:3");
  expect(loads).toEqual(["staging", "production"]);
  index.ownersOf("id:2");
  expect(loads).toEqual(["staging", "production", "production"]);
});

test("an index finds a bucket of Spaces without its region, and with it only that one", () => {
  const bucket = stackWith("production", {
    reps: { claims: ["spaces:mars1/reps"] },
    api: { references: [["spaces:nyc3/files", "url", "url"]] },
  });
  const index = indexOf(bucket);
  for (const identity of ["spaces:mars1/reps", "spaces:*/reps"])
    expect(index.ownersOf(identity), identity).toHaveLength(1);
  for (const identity of ["spaces:fra1/reps", "spaces:*/rep", "r2:*/reps"])
    expect(index.ownersOf(identity), identity).toEqual([]);
  expect(index.usersOf("spaces:*/files")).toHaveLength(1);
});
