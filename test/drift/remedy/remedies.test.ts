import { Command } from "commander";
import { describe, expect, it, test } from "vitest";
import { VERBS } from "../../../cli/commands/index.ts";
import { createContext } from "../../../cli/context.ts";
import { ACTIONS, type Difference, KINDS, type Kind } from "../../../drift/finding.ts";
import { fixCommand } from "../../../drift/remedy/commands.ts";
import { placeOf } from "../../../drift/remedy/place.ts";
import { plansFor, type RemedyContext, remediesFor } from "../../../drift/remedy/remedies.ts";
import { type ResourceFact, Secret } from "../../../isolation/facts.ts";

const SCOPE = "urn:pulumi:staging::shop::bulkhead:index:Scope::qhub";
const COMPONENT = "urn:pulumi:staging::shop::bulkhead:index:Scope$bulkhead:index:Worker::qhub-api";
const WORKER_TYPE = "cloudflare:index/workersScript:WorkersScript";
const WORKER = `urn:pulumi:staging::shop::bulkhead:index:Scope$bulkhead:index:Worker$${WORKER_TYPE}::qhub-api`;
const PROVIDER = "urn:pulumi:staging::shop::pulumi:providers:cloudflare::cloudflare";

const resource = (fields: Partial<ResourceFact>): ResourceFact => ({
  urn: SCOPE,
  type: "bulkhead:index:Scope",
  name: "qhub",
  custom: false,
  external: false,
  inputs: {},
  outputs: {},
  protect: false,
  ...fields,
});

const RECORDED: readonly ResourceFact[] = [
  resource({ parent: "urn:pulumi:staging::shop::pulumi:pulumi:Stack::shop-staging" }),
  resource({
    urn: COMPONENT,
    type: "bulkhead:index:Worker",
    parent: SCOPE,
    declaredAt: ["/home/dev/shop/systems/qhub.ts:17"],
  }),
  resource({
    urn: WORKER,
    type: WORKER_TYPE,
    name: "qhub-api",
    custom: true,
    parent: COMPONENT,
    provider: {
      urn: PROVIDER,
      type: "pulumi:providers:cloudflare",
      name: "cloudflare",
      inputs: {},
    },
    declaredAt: ["/home/dev/shop/components/worker.ts:114", "/home/dev/shop/systems/qhub.ts:17"],
  }),
];

const context: RemedyContext = {
  id: "0123456789ab",
  stack: { project: "shop", stack: "staging" },
  recorded: RECORDED,
};

const difference = (kind: Kind, fields: Partial<Difference> = {}): Difference => ({
  kind,
  subject: { urn: WORKER, type: WORKER_TYPE, name: "qhub-api", id: "qhub-api-staging" },
  message: "It differs.",
  changes: [{ path: "compatibilityDate", before: '"2026-01-01"', after: '"2025-01-01"' }],
  trace: null,
  rules: [],
  ...fields,
});

const unowned = (kind: Kind, fields: Partial<Difference> = {}): Difference =>
  difference(kind, {
    subject: { urn: null, type: WORKER_TYPE, name: "by hand's", id: "by-hand" },
    changes: [],
    ...fields,
  });

const EVERY_KIND: readonly Difference[] = KINDS.map((kind) =>
  kind === "unmanaged" || kind === "orphaned" ? unowned(kind) : difference(kind),
);

/** Pulumi's own flags that remedies use. */
const PULUMI_FLAGS = [
  ...["--refresh", "--target", "--target-dependents", "--replace"],
  ...["--parent", "--provider", "--generate-code=false"],
];

/** The words of a POSIX command line. */
const words = (line: string): string[] =>
  [...line.matchAll(/(?:'[^']*'|\\'|[^\s'\\])+/g)].map(([word]) =>
    word.replaceAll("'\\''", "\u0000").replaceAll("'", "").replaceAll("\u0000", "'"),
  );

describe.each(EVERY_KIND)("a finding of the kind $kind", (each) => {
  const remedies = remediesFor(each, context);

  it("has remedies, each with one sentence and a command", () => {
    expect(remedies.length).toBeGreaterThan(0);
    expect(new Set(remedies.map(({ action }) => action)).size).toBe(remedies.length);
    for (const { action, effect } of remedies) {
      expect(ACTIONS).toContain(action);
      expect(effect).toMatch(/^[A-Z].*\.$/s);
    }
  });

  it("names verbs and options that there are", () => {
    const program = new Command();
    for (const verb of VERBS) verb(program, createContext({}));
    for (const { command } of remedies) {
      const [npx, bulkhead, ...given] = words(command);
      expect([npx, bulkhead]).toEqual(["npx", "bulkhead"]);
      let at: Command | undefined = program;
      for (const name of given.filter((word) => !word.startsWith("-")).slice(0, 2))
        at = at?.commands.find((verb) => verb.name() === name) ?? at;
      expect(at, command).not.toBe(program);
      const known = [...PULUMI_FLAGS, ...(at?.options ?? []).map(({ long }) => long)];
      for (const flag of given.filter((word) => word.startsWith("-")))
        expect(known).toContain(flag);
    }
  });
});

test("a restore looks at the vendor first, since a plain `up` trusts its record", () => {
  const [restore] = remediesFor(difference("changed"), context);
  expect(restore).toMatchObject({
    action: "restore",
    command: `npx bulkhead up staging --refresh --target '${WORKER}'`,
  });
});

test("what is gone comes back with all that takes its values from it", () => {
  const [restore] = remediesFor(difference("deleted", { changes: [] }), context);
  expect(restore?.command).toMatch(/--target-dependents$/);
});

test("a property is accepted by its place in the program and its new value", () => {
  const accept = remediesFor(difference("changed"), context).find(
    ({ action }) => action === "accept",
  );
  expect(accept).toMatchObject({
    command: `npx bulkhead refresh staging --target '${WORKER}'`,
    code: {
      place: "systems/qhub.ts:17",
      text: '// qhub-api (WorkersScript)\ncompatibilityDate: "2025-01-01",  // before: "2026-01-01"',
    },
  });
});

test("a secret's value is in no change of code", () => {
  const secret = { path: "bindings[KEY].text", before: "[secret]", after: "[secret]" };
  const texts = remediesFor(difference("changed", { changes: [secret] }), context).map((each) =>
    JSON.stringify(each),
  );
  expect(texts.join()).toContain("the secret that is there now");
  expect(texts.join()).not.toContain("text: [secret]");
});

test("what breaks a rule of the policy pack is not to be accepted", () => {
  const actions = remediesFor(difference("changed", { rules: ["no-foreign-reference"] }), context);
  expect(actions.map(({ action }) => action)).toEqual(["restore"]);
});

test("what no vendor takes back is accepted", () => {
  const type = "digitalocean:index/volume:Volume";
  const subject = { urn: WORKER, type, name: "data", id: "1" };
  const changes = (path: string) => [{ path, before: "10", after: "20" }];
  const actions = (path: string) =>
    remediesFor(difference("changed", { subject, changes: changes(path) }), context).map(
      ({ action }) => action,
    );
  expect(actions("size")).toEqual(["accept"]);
  expect(actions("tags[]")).toEqual(["restore", "accept"]);
});

test("a Worker's secret is sent once more, and the Worker is never replaced", () => {
  const [plan] = plansFor(difference("secret", { changes: [] }), context);
  expect(plan).toMatchObject({
    command: fixCommand("staging", context.id, "restore"),
    means: { by: "resend", urn: WORKER, property: "bindings" },
  });
});

test("a refused key is made anew before the old one goes", () => {
  const type = "digitalocean:index/spacesKey:SpacesKey";
  const subject = {
    urn: `urn:pulumi:staging::shop::${type}::files`,
    type,
    name: "files",
    id: "DO",
  };
  const [plan] = plansFor(difference("secret", { subject, changes: [] }), context);
  expect(plan?.command).toBe(`npx bulkhead up staging --refresh --replace ${subject.urn}`);
});

test("an import names its parent and provider as resources of its type have them", () => {
  const [plan] = remediesFor(unowned("unmanaged", { importId: "account/by-hand" }), context);
  expect(words(plan?.command ?? "")).toEqual([
    ...["npx", "bulkhead", "import", "staging", WORKER_TYPE, "by hand's", "account/by-hand"],
    ...["--parent", `parent=${SCOPE}`, "--provider", `provider=${PROVIDER}`],
    "--generate-code=false",
  ]);
  expect(plan?.code?.text).toContain('new cloudflare.WorkersScript("by hand\'s", {');
  expect(plan?.code?.text).toContain("{ parent: scope, protect: true }");
});

test("what was imported is declared with its properties, and without its secrets", () => {
  const urn = `urn:pulumi:staging::shop::${WORKER_TYPE}::by-hand`;
  const inputs = { scriptName: "by-hand", bindings: new Secret(undefined) };
  const imported = resource({ ...RECORDED[2], urn, name: "by-hand", inputs, parent: undefined });
  const [remedy] = remediesFor(
    difference("undeployed", {
      subject: { urn, type: WORKER_TYPE, name: "by-hand", id: "by-hand" },
      key: "protected",
      changes: [],
    }),
    { ...context, recorded: [...RECORDED, imported] },
  );
  expect(remedy).toMatchObject({ action: "accept", command: "npx bulkhead up staging" });
  expect(remedy?.code).toEqual({
    place: "systems/qhub.ts:17",
    text: [
      'import * as cloudflare from "@pulumi/cloudflare";',
      'new cloudflare.WorkersScript("by-hand", {',
      '  scriptName: "by-hand",',
      "  bindings: /* a secret; keep it in the stack's config */,",
      "}, { protect: true });",
    ].join("\n"),
  });
});

test("what this environment has left behind is rather deleted, what came from elsewhere imported", () => {
  const first = (kind: Kind) => remediesFor(unowned(kind), context)[0]?.action;
  expect(first("orphaned")).toBe("delete");
  expect(first("unmanaged")).toBe("import");
});

describe("beside every resource", () => {
  const DATABASE = "bulkhead:postgres:Database";
  const about = (type: string, key: string, changes: Difference["changes"] = []) =>
    plansFor(
      difference("access", { subject: { urn: "u", type, name: "x", id: "1" }, key, changes }),
      context,
    );

  it.each([
    [DATABASE, "role mallory", /DROP ROLE "mallory"/],
    [DATABASE, 'role a"b', /DROP ROLE "a""b"/],
    [DATABASE, "slot x'y", /pg_drop_replication_slot\('x''y'\)/],
    [
      DATABASE,
      "setting app shop search_path",
      /ALTER ROLE "app" IN DATABASE "shop" RESET "search_path"/,
    ],
    [DATABASE, "setting null shop work_mem", /ALTER DATABASE "shop" RESET "work_mem"/],
    ["cloudflare:index/r2Bucket:R2Bucket", "r2.dev", /r2\.dev/],
    ["aws:s3/bucket:Bucket", "policy", /Deletes the bucket's policy/],
    ["aws:s3/bucket:Bucket", "objects everybody (READ)", /every object private/],
    [WORKER_TYPE, "cron", /schedules/],
    ["digitalocean:index/droplet:Droplet", "firewall 12", /Deletes the firewall/],
  ])("%s %s is undone by what its effect names", (type, key, effect) => {
    const [plan] = about(type, key);
    expect(plan?.effect).toMatch(effect);
    expect(plan?.means.by).toBe("repair");
    expect(plan?.command).toBe(fixCommand("staging", context.id, "restore"));
  });

  it("a database goes only with its data", () => {
    const [plan] = about(DATABASE, "database copies");
    expect(plan?.effect).toMatch(/DROP DATABASE "copies".* It loses the database copies\.$/);
    expect(plan?.command).toMatch(/--with-data$/);
  });
});

describe("the schema of a D1 database", () => {
  const about = (key: string, ...changes: Difference["changes"]) =>
    plansFor(
      difference("schema", {
        subject: { urn: "u", type: "bulkhead:d1:Migrations", name: "qhub", id: "1" },
        key,
        changes,
      }),
      context,
    )[0];

  it("gets back an index that is gone", () => {
    const before = JSON.stringify("create index by_mail on users ( mail )");
    const plan = about("index by_mail", { path: "index by_mail.definition", before, after: null });
    expect(plan?.effect).toBe("Runs `create index by_mail on users ( mail )` in the database.");
  });

  it("loses what no migration makes only with its data", () => {
    const table = about("table copies", {
      path: "table copies.definition",
      before: null,
      after: '"create table copies ( a )"',
    });
    expect(table?.effect).toMatch(/DROP TABLE "copies".* It loses table copies\.$/);
    const index = about("index x", { path: "index x.definition", before: null, after: '"…"' });
    expect(index?.effect).toBe('Runs `DROP INDEX "x"` in the database.');
  });

  it("adds a column that rows can have, and leaves another to a person", () => {
    const column = (before: string) =>
      about("table users", { path: "table users.columns[mail]", before, after: null });
    expect(column('"TEXT"')?.effect).toContain('ALTER TABLE "users" ADD COLUMN "mail" TEXT');
    expect(column('"TEXT NOT NULL"')?.means.by).toBe("hand");
    expect(column('"TEXT… (300 characters)')?.means.by).toBe("hand");
  });
});

describe("the place of a declaration", () => {
  it("is the caller of the shared components, else the component", () => {
    expect(placeOf(WORKER, RECORDED)).toBe("systems/qhub.ts:17");
    const only = RECORDED.map((each) =>
      each.declaredAt === undefined
        ? each
        : { ...each, declaredAt: ["/home/dev/shop/components/worker.ts:114"] },
    );
    const other = resource({ urn: "urn:other", declaredAt: ["/home/dev/shop/index.ts:1"] });
    expect(placeOf(WORKER, [...only, other])).toBe("components/worker.ts:114");
  });

  it("is unknown where the state tells none", () => {
    expect(placeOf("urn:nowhere", RECORDED)).toBeNull();
    expect(placeOf(null, RECORDED)).toBeNull();
    expect(
      placeOf(
        WORKER,
        RECORDED.map(({ declaredAt: _, ...each }) => each),
      ),
    ).toBeNull();
  });
});
