import { describe, expect, it, test } from "vitest";
import { environmentLabel as labelOf } from "../../../components/naming.ts";
import {
  belongingOf,
  type Environment,
  environmentOf,
} from "../../../drift/inventory/belonging.ts";
import { labelsOf } from "../../../drift/inventory/digitalocean/tags.ts";

const staging: Environment = {
  project: "bulkhead",
  environment: "staging",
  tier: "staging",
  systems: ["cutty", "handled"],
};
const to = (name: string, labels = {}, own = staging) => belongingOf(name, labels, own).to;

describe("what a thing was made for", () => {
  it("is told by labels before names", () => {
    expect(to("x", { project: "bulkhead", environment: "staging" })).toBe("own");
    expect(to("cutty-staging", { project: "bulkhead", environment: "production" })).toBe("foreign");
  });

  it("is another's when the labels name another project's environment of the same name", () => {
    const labels = { project: "shop", environment: "staging" };
    expect(belongingOf("x", labels, staging)).toEqual({
      to: "foreign",
      because:
        "Its labels say that it is of the environment staging of the project shop, and this is staging of the project bulkhead.",
    });
  });

  it.each([
    "cutty-files-staging",
    "handled-data-staging-1a2b3c4d",
    "handled-staging-reps",
    // A system that the environment has no more.
    "billing-invoices-staging",
  ])("is this environment by the form of the name: %s", (name) => {
    expect(to(name)).toBe("own");
  });

  it.each(["notes", "staging", "upstaging", "notes-stagingx", "shop-staging-assets"])(
    "is not known by a name that only looks alike: %s",
    (name) => {
      expect(to(name)).toBe("unknown");
    },
  );

  it.each(["cutty-prod", "cutty-files-production", "handled_dev"])(
    "is another environment's when the name speaks of its tier: %s",
    (name) => {
      expect(to(name)).toBe("foreign");
    },
  );

  it("is not known when the name speaks of several tiers", () => {
    expect(to("dev-to-prod-copy")).toBe("unknown");
  });

  it("follows the form that names of an environment have, whatever the stack is called", () => {
    const own: Environment = { ...staging, environment: "PR_12", tier: "preview" };
    expect(to("cutty-files-pr-12", {}, own)).toBe("unknown");
    expect(to("cutty-files-pr-12-41f1f6", {}, own)).toBe("unknown");
    expect(to(`cutty-files-${labelOf("PR_12")}`, {}, own)).toBe("own");
  });
});

test("an environment's systems are the scopes of its state", () => {
  const scope = { type: "bulkhead:index:Scope", name: "cutty", urn: "", custom: false };
  const rest = { external: false, protect: false, inputs: {}, outputs: {} };
  const facts = { project: "bulkhead", stack: "staging", phase: "state", config: {} } as const;
  const resources = [{ ...scope, ...rest }];
  expect(environmentOf({ ...facts, resources, outputs: {} }, "staging")).toEqual({
    ...staging,
    systems: ["cutty"],
  });
});

test("DigitalOcean's tags are labels, with and without a value", () => {
  expect(labelsOf(["Environment:staging", "web", "a:b:c"])).toEqual({
    environment: "staging",
    web: "",
    a: "b:c",
  });
  expect(labelsOf(null)).toEqual({});
});
