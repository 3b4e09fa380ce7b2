import type { StackOutputs, SystemOutputs } from "./system-outputs.ts";
import type { Settings, WorkerState } from "./worker.ts";
import type { BindingSummary } from "./worker-bindings.ts";

type Bindings = Readonly<Record<string, BindingSummary>>;
type Named<Type extends BindingSummary["type"]> = [string, Extract<BindingSummary, { type: Type }>];

/**
 * The `wrangler.toml` of one Worker of a system, with a section for every stack that has it (Q4),
 * for use from the project's root directory. Secrets appear as comments only: wrangler keeps the
 * values that the Worker has.
 *
 * @param system for example `qhub`.
 * @param perStackOutputs outputs by stack name; stacks without the system are left out.
 * @param worker its short name in the outputs; may be left out when the system has one Worker.
 * @throws Error when no stack has the system or the Worker, or when the choice is not clear.
 * @see https://developers.cloudflare.com/workers/wrangler/configuration/
 */
export function renderWranglerToml(
  system: string,
  perStackOutputs: Readonly<Record<string, Pick<StackOutputs, "cloudflareAccountId" | "systems">>>,
  worker?: string,
): string {
  const stacks = Object.entries(perStackOutputs).flatMap(([stack, outputs]) => {
    const declared = outputs.systems[system];
    return declared ? [{ stack, outputs, declared }] : [];
  });
  const name =
    worker ??
    onlyWorker(
      system,
      stacks.map(({ declared }) => declared),
    );
  const sections = stacks.flatMap(({ stack, outputs, declared }) => {
    const state = declared.workers[name];
    return state ? [{ stack, accountId: outputs.cloudflareAccountId, state }] : [];
  });
  const [first] = sections;
  if (!first) {
    throw new Error(
      `No stack has a Worker ${name} of the system ${system}. Run \`npx bulkhead up <stack>\` first.`,
    );
  }
  const lines = [
    "# Generated from the outputs of the Pulumi stacks, which own these resources. Do not edit.",
    line("name", `${system}-${name}`),
    line("main", first.state.main),
    line("compatibility_date", first.state.compatibilityDate),
    ...sections.flatMap(({ stack, accountId, state }) => environment(stack, accountId, state)),
  ];
  return `${lines.join("\n")}\n`;
}

function onlyWorker(system: string, declared: readonly SystemOutputs[]): string {
  const names = [...new Set(declared.flatMap(({ workers }) => Object.keys(workers)))];
  const [only] = names;
  if (only === undefined || names.length > 1) {
    throw new Error(
      only === undefined
        ? `No stack has a Worker of the system ${system}. Run \`npx bulkhead up <stack>\` first.`
        : `The system ${system} has several Workers (${names.join(", ")}). Name one of them.`,
    );
  }
  return only;
}

function environment(stack: string, accountId: string, state: WorkerState): string[] {
  const section = `env.${key(stack)}`;
  const { bindings } = state;
  return [
    "",
    `[${section}]`,
    line("name", state.scriptName),
    line("account_id", accountId),
    `workers_dev = ${state.workersDev}`,
    line("compatibility_date", state.compatibilityDate),
    `compatibility_flags = ${JSON.stringify(state.compatibilityFlags)}`,
    ...(state.domain === undefined
      ? []
      : [`routes = [{ pattern = ${JSON.stringify(state.domain)}, custom_domain = true }]`]),
    ...named(bindings, "secret_text").map(
      ([name, { length, version }]) =>
        `# ${name}: a secret of ${length} characters, version ${version}, set by Pulumi.`,
    ),
    ...settings(`${section}.limits`, state.limits),
    ...settings(`${section}.placement`, state.placement),
    ...vars(section, named(bindings, "plain_text")),
    ...named(bindings, "ai").flatMap(([name]) => ["", `[${section}.ai]`, line("binding", name)]),
    ...table(section, "d1_databases", named(bindings, "d1"), (binding) => [
      line("database_name", binding.databaseName),
      line("database_id", binding.databaseId),
      ...(binding.migrations === undefined ? [] : [line("migrations_dir", binding.migrations)]),
    ]),
    ...table(section, "r2_buckets", named(bindings, "r2_bucket"), (binding) => [
      line("bucket_name", binding.bucketName),
    ]),
    ...table(section, "kv_namespaces", named(bindings, "kv_namespace"), (binding) => [
      line("id", binding.namespaceId),
    ]),
    ...table(section, "hyperdrive", named(bindings, "hyperdrive"), (binding) => [
      line("id", binding.configId),
    ]),
    ...table(section, "services", named(bindings, "service"), (binding) => [
      line("service", binding.service),
    ]),
  ];
}

function named<Type extends BindingSummary["type"]>(bindings: Bindings, type: Type): Named<Type>[] {
  return Object.entries(bindings).filter((entry): entry is Named<Type> => entry[1].type === type);
}

/** The vendor's plain settings, in wrangler's spelling; it has none for lists and tables. */
function settings(section: string, values: Settings | undefined): string[] {
  const plain = Object.entries(values ?? {}).filter(([, value]) => typeof value !== "object");
  return plain.length === 0
    ? []
    : [
        "",
        `[${section}]`,
        ...plain.map(([name, value]) => `${snakeCase(name)} = ${JSON.stringify(value)}`),
      ];
}

const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function vars(section: string, texts: Named<"plain_text">[]): string[] {
  return texts.length === 0
    ? []
    : ["", `[${section}.vars]`, ...texts.map(([name, { text }]) => line(key(name), text))];
}

function table<Binding extends BindingSummary>(
  section: string,
  name: string,
  entries: readonly [string, Binding][],
  fields: (binding: Binding) => string[],
): string[] {
  return entries.flatMap(([binding, summary]) => [
    "",
    `[[${section}.${name}]]`,
    line("binding", binding),
    ...fields(summary),
  ]);
}

/** A JSON string is a TOML basic string, escapes included. */
function line(name: string, text: string): string {
  return `${name} = ${JSON.stringify(text)}`;
}

function key(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name);
}
