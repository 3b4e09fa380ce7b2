import { expect, test } from "vitest";
import { ownersOf } from "../../../drift/scan/owners.ts";
import type { FactMap, ResourceFact } from "../../../isolation/facts.ts";
import type { StackReading } from "../../../policy/siblings/index.ts";

const SCRIPT = "cloudflare:index/workersScript:WorkersScript";
const GROUP = "aws:rds/parameterGroup:ParameterGroup";
const DATABASE = "cloudflare:index/d1Database:D1Database";

const resource = (
  type: string,
  id: string,
  { inputs = {}, outputs = {} }: Facts,
): ResourceFact => ({
  urn: `urn:pulumi:s::shop::${type}::${id}`,
  type,
  name: id,
  id,
  custom: true,
  external: false,
  protect: false,
  inputs,
  outputs,
});

interface Facts {
  readonly inputs?: FactMap;
  readonly outputs?: FactMap;
}

const reading = (stack: string, resources: readonly ResourceFact[]) =>
  ({
    name: { project: "shop", stack },
    problem: undefined,
    empty: resources.length === 0,
    facts: () => ({ project: "shop", stack, resources }),
  }) as unknown as StackReading;

const arn = (account: string) => ({ outputs: { arn: `arn:aws:rds:us-east-1:${account}:pg:own` } });
const production = reading("production", [
  resource(SCRIPT, "api-production", { inputs: { accountId: "p" } }),
  resource(DATABASE, "uuid-of-production", { inputs: { accountId: "p" } }),
  resource(GROUP, "own", arn("111111111111")),
]);
const staging = reading("staging", [
  resource(SCRIPT, "api-staging", { inputs: { accountId: "s" } }),
  resource(GROUP, "other", arn("222222222222")),
]);
const dev = reading("dev", [resource(SCRIPT, "api-dev", { inputs: { accountId: "s" } })]);
const isOwned = ownersOf([production, staging, dev]);

test("a thing of its name in another account does not make it somebody's", () => {
  expect(isOwned(staging)(SCRIPT, "api-production")).toBe(false);
  expect(isOwned(staging)(GROUP, "own")).toBe(false);
  expect(isOwned(production)(SCRIPT, "api-production")).toBe(true);
  expect(isOwned(production)(GROUP, "own")).toBe(true);
});

test("a stack in the same account owns its things", () => {
  expect(isOwned(staging)(SCRIPT, "api-dev")).toBe(true);
  expect(isOwned(dev)(SCRIPT, "api-staging")).toBe(true);
});

test("where nobody tells of accounts, an id is enough", () => {
  const unknown = reading("unknown", []);
  expect(ownersOf([production, unknown])(unknown)(SCRIPT, "api-production")).toBe(true);
});
