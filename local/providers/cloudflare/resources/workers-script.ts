import type { ScriptUpdateResponse } from "cloudflare/resources/workers/scripts/scripts";
import { orMissing } from "../../../../providers/cloudflare-api/fault.ts";
import type { InputsOf, StateOf } from "../../../../providers/sdk/properties.ts";
import type { PlainMap, RevealedMap } from "../../../../providers/sdk/values.ts";
import { present } from "../../present.ts";
import type { CloudflareClient } from "../client.ts";
import { accountOf, splitId } from "../ids.ts";
import {
  bindingFromApi,
  bindingToApi,
  reconcileBindings,
  sealBindings,
  validateBindings,
} from "../workers-script/bindings.ts";
import { moduleOf, readContent, sha256 } from "../workers-script/content.ts";
import { workersScriptProperties } from "../workers-script/properties.ts";
import { settingsFromApi, uploadMetadata } from "../workers-script/settings.ts";
import { define } from "./shared.ts";

type Inputs = InputsOf<typeof workersScriptProperties>;
type State = StateOf<typeof workersScriptProperties>;

/** `cloudflare.WorkersScript`. Source: https://developers.cloudflare.com/api/resources/workers/subresources/scripts/ */
export const workersScript = define({
  token: "cloudflare:index/workersScript:WorkersScript",
  title: "Worker script",
  doc: "A Worker script of modules. https://developers.cloudflare.com/workers/",
  identity: ["accountId", "scriptName"],
  importFormat: "<account_id>/<script_name>",
  properties: workersScriptProperties,
  seal: sealBindings,
  validate: (inputs) => [...validateBindings(inputs), ...validateContent(inputs)],
  parseImportId(id) {
    const parts = splitId(id, ["accountId", "scriptName"]);
    return parts && { id: parts.scriptName ?? "", state: parts };
  },
  async create({ client }, inputs) {
    return { id: inputs.scriptName, state: await upload(client, inputs) };
  },
  // The upload's answer tells no settings, and a refresh does: what the program left to the vendor.
  async finish({ client }, { id, state }, inputs) {
    const settings = await settingsOf(client, accountOf(inputs), id, inputs);
    const chosen = Object.entries(settings ?? {}).filter(
      ([name]) => inputs[name as keyof Inputs] === undefined,
    );
    return { id, state: { ...state, ...Object.fromEntries(chosen) } };
  },
  async read({ client }, id, known) {
    const account = accountOf(known.state);
    const settings = await settingsOf(client, account, id, known.inputs);
    if (settings === undefined) return undefined;
    const listed = await findListed(client, account, id);
    const content = await liveContent(client, account, id, known, listed?.etag);
    const state = { ...settings, ...content };
    return { id, state: { scriptName: id, ...(listed && listedState(listed)), ...state } };
  },
  async update({ client }, _id, inputs) {
    return upload(client, inputs);
  },
  async delete({ client }, id, state) {
    await client.workers.scripts.delete(id, accountOf(state));
  },
});

/** Uploads the module with its metadata: the multipart form that wrangler sends too. */
async function upload(client: CloudflareClient, inputs: Inputs): Promise<State> {
  const module = await readContent(inputs);
  const form = new FormData();
  const bindings = (inputs.bindings ?? []).map(bindingToApi);
  form.set("metadata", JSON.stringify({ ...uploadMetadata(inputs), bindings }));
  const file = new File([module], inputs.mainModule, { type: "application/javascript+module" });
  form.set(inputs.mainModule, file);
  // The SDK's own method flattens the metadata into form fields, which the API does not read.
  const path = `/accounts/${encodeURIComponent(inputs.accountId)}/workers/scripts/${encodeURIComponent(inputs.scriptName)}`;
  const answer = await client.put<{ result: ScriptUpdateResponse }>(path, { body: form });
  return { ...listedState(answer.result), startupTimeMs: answer.result.startup_time_ms };
}

/** What the vendor says of everything beside the module; undefined without a script of that name. */
async function settingsOf(
  client: CloudflareClient,
  account: { account_id: string },
  name: string,
  inputs: Partial<Inputs> | undefined,
): Promise<State | undefined> {
  const found = await orMissing(client.workers.scripts.scriptAndVersionSettings.get(name, account));
  if (found === undefined) return undefined;
  const bindings = reconcileBindings(
    (inputs?.bindings ?? []) as readonly PlainMap[],
    (found.bindings ?? []).map((each) => bindingFromApi(each as unknown as PlainMap)),
  ) as unknown as Inputs["bindings"];
  return { ...settingsFromApi(found, inputs), bindings };
}

async function findListed(
  client: CloudflareClient,
  account: { account_id: string },
  name: string,
): Promise<Listed | undefined> {
  for await (const each of client.workers.scripts.list(account)) if (each.id === name) return each;
  return undefined;
}

type Known = { readonly inputs: Partial<Inputs> | undefined; readonly state: State };

/** The module's drift: nothing while the etag is the known one, else the live text or its hash. */
async function liveContent(
  client: CloudflareClient,
  account: { account_id: string },
  name: string,
  known: Known,
  etag: string | undefined,
): Promise<State> {
  if (known.inputs !== undefined && etag !== undefined && etag === known.state.etag) return {};
  const mainModule = known.inputs?.mainModule ?? "index.js";
  const answer = await client.workers.scripts.content.get(name, account);
  const text = await moduleOf(answer, mainModule);
  if (known.inputs?.contentFile !== undefined)
    return { contentSha256: text === undefined ? undefined : sha256(text) };
  if (known.inputs !== undefined) return { content: text };
  const entry = answer.headers.get("cf-entrypoint");
  return { content: text, mainModule: entry ?? mainModule };
}

/** What both the upload's answer and the list say of a script. */
type Listed = {
  created_on?: string;
  etag?: string;
  handlers?: string[];
  has_assets?: boolean;
  has_modules?: boolean;
  last_deployed_from?: string;
  modified_on?: string;
  usage_model?: string;
};

function listedState(found: Listed): State {
  return present({
    createdOn: found.created_on,
    etag: found.etag,
    handlers: found.handlers,
    hasAssets: found.has_assets,
    hasModules: found.has_modules,
    lastDeployedFrom: found.last_deployed_from,
    modifiedOn: found.modified_on,
    usageModel: found.usage_model,
  });
}

function validateContent(inputs: RevealedMap) {
  const failures = [];
  if ((inputs.content === undefined) === (inputs.contentFile === undefined))
    failures.push({
      property: "content",
      reason: "A Worker script takes exactly one of content and contentFile. Set one of them.",
    });
  if (inputs.contentFile !== undefined && inputs.contentSha256 === undefined)
    failures.push({
      property: "contentSha256",
      reason: "contentFile needs contentSha256, the SHA-256 of the file. Set it.",
    });
  return failures;
}
