/** What can be done about a difference. Pure. */
import type { ResourceFact, StackName } from "../../isolation/facts.ts";
import type { Action, Difference, Kind, Remedy, Subject } from "../finding.ts";
import { acceptedProperties, declarationOf, withoutDeclaration } from "./code.ts";
import { commandLine, fixCommand } from "./commands.ts";
import type { Means } from "./means.ts";
import { MIGRATIONS } from "./repairs/d1.ts";
import { repairFor } from "./repairs/index.ts";

/** What remedies are made from, beside the difference. */
export interface RemedyContext {
  /** The finding's. */
  readonly id: string;
  readonly stack: StackName;
  /** The stack's resources as they are recorded. */
  readonly recorded: readonly ResourceFact[];
}

/** A remedy with what carries it out. */
export interface Plan extends Remedy {
  readonly means: Means;
}

/** The remedies for a difference, the advised one first. */
export const remediesFor = (difference: Difference, context: RemedyContext): readonly Remedy[] =>
  plansFor(difference, context).map(({ means: _, ...remedy }) => remedy);

/** The same with what carries each out. */
export function plansFor(difference: Difference, context: RemedyContext): readonly Plan[] {
  const repair = repairFor(difference);
  if (repair === undefined) return BY_KIND[difference.kind](difference, context);
  const flags = repair.loses === undefined ? [] : ["--with-data"];
  return [
    {
      action: "restore",
      effect:
        repair.loses === undefined ? repair.effect : `${repair.effect} It loses ${repair.loses}.`,
      command: fixCommand(context.stack.stack, context.id, "restore", ...flags),
      code: null,
      means: { by: "repair", repair },
    },
  ];
}

type Plans = (difference: Difference, context: RemedyContext) => readonly Plan[];

const BY_KIND: Readonly<Record<Kind, Plans>> = {
  changed: changedPlans,
  deleted: (difference, context) => [
    up(difference, context, "Makes it anew, empty, with what takes its values from it.", {
      dependents: true,
    }),
    {
      action: "accept",
      effect: "Takes it out of the stack's state, once the program no longer declares it.",
      ...refreshOf(difference, context),
      code: withoutDeclaration(difference.subject, context.recorded),
    },
  ],
  unmanaged: unownedPlans,
  orphaned: unownedPlans,
  secret: secretPlans,
  code: (difference, context) => [
    resent(difference, context, "Uploads what the stack has deployed once more, as a whole."),
  ],
  schema: (difference, context) => [schemaByHand(difference, context)],
  access: (difference, context) => [
    up(difference, context, "Makes it again what the program declares."),
  ],
  undeployed: ({ subject, key }, { stack, recorded }) => {
    if (key === "protected") return [undeclared(subject, stack.stack, recorded)];
    const isAlone = key === "change" && isRecorded(subject.urn, recorded);
    return [
      upPlan(
        stack.stack,
        isAlone
          ? "Deploys what the program declares of it."
          : "Deploys what the program declares, with everything else that is not deployed yet.",
        { targets: isAlone && subject.urn !== null ? [subject.urn] : [], refresh: false },
      ),
    ];
  },
  isolation: (_, { stack }) => [
    upPlan(
      stack.stack,
      "Makes everything again what the program declares; a rule that the program itself or another stack breaks needs a change there.",
      { targets: [], refresh: true },
    ),
  ],
};

/** A protected resource that the program does not declare: a person decides what it is to be. */
function undeclared(subject: Subject, stack: string, recorded: readonly ResourceFact[]): Plan {
  const resource = recorded.find(({ urn }) => urn === subject.urn);
  return {
    action: "accept",
    effect: "Deploys a program that declares it as it is, which you write.",
    command: commandLine("up", stack),
    code: resource === undefined ? null : declarationOf(resource, recorded),
    means: { by: "hand" },
  };
}

/** What no vendor takes back: a restore would fail, or make it anew without its data. */
const FORWARD_ONLY: Readonly<Record<string, RegExp>> = {
  "digitalocean:index/databaseCluster:DatabaseCluster": /^(?:size|storageSizeMib|version)$/,
  "digitalocean:index/volume:Volume": /^size$/,
  "aws:rds/instance:Instance": /^(?:allocatedStorage|engineVersion)$/,
  // It holds data, so it stays also when it is not declared.
  "bulkhead:postgres:Database": /^undeclared(?:Schemas|Extensions)/,
};

function changedPlans(difference: Difference, context: RemedyContext): readonly Plan[] {
  const restore = up(difference, context, "Makes it again what the program declares.");
  const accept = accepted(difference, context);
  const isForward = difference.changes.some(({ path }) =>
    FORWARD_ONLY[difference.subject.type]?.test(path),
  );
  return isForward && accept.length > 0 ? accept : [restore, ...accept];
}

type UpMeans = Extract<Means, { by: "up" }>;

/** `up` of the subject, or of the whole program where the state does not have it. */
function up(
  { subject: { urn } }: Difference,
  { stack, recorded }: RemedyContext,
  effect: string,
  more: Partial<UpMeans> = {},
): Plan {
  const targets = urn !== null && isRecorded(urn, recorded) ? [urn] : [];
  return upPlan(stack.stack, effect, { targets, refresh: true, ...more });
}

function upPlan(
  stack: string,
  effect: string,
  { targets = [], dependents = false, refresh = true, replaces = [] }: Partial<UpMeans>,
): Plan {
  const means: UpMeans = { by: "up", targets, dependents, refresh, replaces };
  const command = commandLine("up", stack, ...upFlags(means));
  return { action: "restore", effect, command, code: null, means };
}

/** Pulumi's flags for it. */
export const upFlags = ({ targets, dependents, refresh, replaces }: UpMeans): readonly string[] => [
  ...(refresh ? ["--refresh"] : []),
  ...targets.flatMap((urn) => ["--target", urn]),
  ...(dependents && targets.length > 0 ? ["--target-dependents"] : []),
  ...replaces.flatMap((urn) => ["--replace", urn]),
];

/** The program is changed to what is there. What breaks a rule is not to be declared. */
function accepted(difference: Difference, context: RemedyContext): readonly Plan[] {
  const { subject, changes, rules } = difference;
  if (rules.length > 0 || changes.length === 0 || !isRecorded(subject.urn, context.recorded))
    return [];
  return [
    {
      action: "accept",
      effect: "Records what is there, which stays when the program declares it too.",
      ...refreshOf(difference, context),
      code: acceptedProperties(subject, changes, context.recorded),
    },
  ];
}

const refreshOf = (
  { subject: { urn } }: Difference,
  { stack }: RemedyContext,
): Pick<Plan, "command" | "means"> => ({
  command: commandLine("refresh", stack.stack, "--target", urn ?? ""),
  means: { by: "refresh", urn: urn ?? "" },
});

/** A property of each type that can be sent again in place, whatever else is sent with it. */
const RESENT: Readonly<Record<string, string>> = {
  "cloudflare:index/workersScript:WorkersScript": "bindings",
  "bulkhead:postgres:Database": "server",
  "aws:rds/instance:Instance": "password",
  "aws:elasticache/user:User": "authenticationMode",
};

/** Keys and tokens, whose secret no vendor sets: a new one is made, and what uses it gets that. */
const REPLACED: ReadonlySet<string> = new Set([
  "digitalocean:index/spacesKey:SpacesKey",
  "aws:iam/accessKey:AccessKey",
  "cloudflare:index/apiToken:ApiToken",
  "cloudflare:index/accountToken:AccountToken",
]);

function secretPlans(difference: Difference, context: RemedyContext): readonly Plan[] {
  const { subject, changes } = difference;
  const { stack } = context;
  const urn = subject.urn ?? "";
  // A refresh may have seen that the secret is another one, and still not what it is to be.
  if (RESENT[subject.type] !== undefined)
    return [resent(difference, context, "Sends the secret that the stack holds once more.")];
  if (changes.length === 0 && REPLACED.has(subject.type))
    return [
      upPlan(
        stack.stack,
        "Makes a new one, gives it to what uses it, and then deletes the old one.",
        {
          targets: [],
          refresh: true,
          replaces: [urn],
        },
      ),
    ];
  return [
    up(
      difference,
      context,
      "Takes the vendor's new secret into the stack and gives it to what uses it, or sends the stack's own once more.",
      { dependents: true },
    ),
  ];
}

/** Sends all of a resource once more; what a refresh cannot see looks unchanged to a plain `up`. */
function resent(difference: Difference, context: RemedyContext, effect: string): Plan {
  const { urn, type } = difference.subject;
  const property = RESENT[type];
  if (urn === null || property === undefined) return up(difference, context, effect);
  return {
    action: "restore",
    effect,
    command: fixCommand(context.stack.stack, context.id, "restore"),
    code: null,
    means: { by: "resend", urn, property },
  };
}

/** No statement alone brings a table back that has been made in another way. */
const schemaByHand = (
  { subject, key = "", changes }: Difference,
  { stack, recorded }: RemedyContext,
): Plan => ({
  action: "accept",
  effect:
    subject.type === MIGRATIONS
      ? "Deploys a further migration, which you write: it makes the table of the migrations anew and copies its rows, or makes what is there the declared state."
      : "Deploys a program that declares it, or copies its data elsewhere first and removes it by hand.",
  command: commandLine("up", stack.stack),
  code: {
    ...acceptedProperties(subject, changes, recorded),
    text: [
      `-- ${key}`,
      ...changes.map(({ path, before, after }) => `-- ${path}: ${before} → ${after}`),
    ].join("\n"),
  },
  means: { by: "hand" },
});

type ImportMeans = Extract<Means, { by: "import" }>;

function unownedPlans(
  difference: Difference,
  { id, stack, recorded }: RemedyContext,
): readonly Plan[] {
  const { subject, importId } = difference;
  const like = recorded.find(
    ({ type, custom, external }) => type === subject.type && custom && !external,
  );
  const vendor = subject.type.split(":")[0];
  const provider =
    like?.provider?.urn ??
    recorded.find(({ provider: used }) => used?.type === `pulumi:providers:${vendor}`)?.provider
      ?.urn;
  const means: ImportMeans = {
    by: "import",
    name: subject.name,
    parent: scopeOf(like, recorded),
    provider,
  };
  const plans: Readonly<Record<"import" | "delete", Plan>> = {
    import: {
      action: "import",
      effect:
        "Takes it into the stack's state, protected: `up` stops until the program declares it, with the properties that the next scan shows.",
      command:
        importId === undefined
          ? fixCommand(stack.stack, id, "import")
          : commandLine("import", stack.stack, ...importFlags(means, subject.type, importId)),
      code: declarationOf(
        { ...subject, urn: "", parent: means.parent, inputs: {}, like: like?.urn },
        recorded,
      ),
      means,
    },
    delete: {
      action: "delete",
      effect: "Deletes it at the vendor; what holds data is kept, unless --with-data is added.",
      command: fixCommand(stack.stack, id, "delete"),
      code: null,
      means: { by: "removal" },
    },
  };
  const order: readonly (keyof typeof plans)[] =
    difference.kind === "orphaned" ? ["delete", "import"] : ["import", "delete"];
  return order.map((action) => plans[action]);
}

/** Pulumi's arguments for an import. */
export const importFlags = (
  { name, parent, provider }: ImportMeans,
  type: string,
  importId: string,
): readonly string[] => [
  type,
  name,
  importId,
  ...(parent === undefined ? [] : ["--parent", `parent=${parent}`]),
  ...(provider === undefined ? [] : ["--provider", `provider=${provider}`]),
  // Pulumi's own declaration knows no component and no provider of the program's; the next scan shows one.
  "--generate-code=false",
];

/** What stands above the components that resources of that type are in: a component is one thing's alone. */
function scopeOf(
  like: ResourceFact | undefined,
  recorded: readonly ResourceFact[],
): string | undefined {
  const byUrn = new Map(recorded.map((each) => [each.urn, each]));
  const component = byUrn.get(like?.parent ?? "");
  return component?.parent !== undefined && byUrn.has(component.parent)
    ? component.parent
    : undefined;
}

const isRecorded = (urn: string | null, recorded: readonly ResourceFact[]): boolean =>
  recorded.some((each) => each.urn === urn && each.custom);

/** The plan of a finding for an action; undefined where it has none. */
export const planFor = (
  difference: Difference,
  context: RemedyContext,
  action: Action | undefined,
): Plan | undefined =>
  plansFor(difference, context).find((plan) => action === undefined || plan.action === action);
