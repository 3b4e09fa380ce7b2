import * as pulumi from "@pulumi/pulumi";
import {
  type FactMap,
  isProvider,
  leavesOf,
  type ProviderFact,
  type ResourceFact,
  Secret,
  Unknown,
} from "../isolation/facts.ts";
import {
  entryOf,
  type Manifest,
  type ManifestEntry,
  manifestOf,
} from "../isolation/manifest/index.ts";
import type { Observation } from "../isolation/observation.ts";
import { observe, observeMap } from "../isolation/observe.ts";
import { createFingerprinter, type Fingerprinter } from "../isolation/secrets/index.ts";
import { factMapOf } from "./output-facts.ts";

/** A resource as the program declared it. */
interface Declared {
  readonly resource: pulumi.Resource;
  readonly type: string;
  readonly name: string;
  readonly props: Readonly<Record<string, unknown>>;
  readonly opts: pulumi.CustomResourceOptions;
}

/** What the SDK keeps in a resource. Source: pulumi/pulumi sdk/nodejs/resource.ts. */
interface ResourceParts {
  readonly __parentResource?: pulumi.Resource;
  readonly __prov?: pulumi.ProviderResource;
}

/**
 * Collects what a stack owns, uses and keeps secret, from every resource that is declared after its
 * construction, whatever declares it.
 *
 * @example
 * const collector = new ManifestCollector(salt);
 * // … the program …
 * export const isolation = collector.manifest();
 */
export class ManifestCollector {
  readonly #declared: Declared[] = [];
  readonly #fingerprinter: Fingerprinter;
  readonly #salt: string;

  /** @param salt the project's public salt, from policy/settings.yaml. */
  constructor(salt: string) {
    this.#salt = salt;
    this.#fingerprinter = createFingerprinter(salt);
    pulumi.runtime.registerStackTransformation(({ resource, type, name, props, opts }) => {
      this.#declared.push({ resource, type, name, props, opts });
      return undefined;
    });
  }

  /**
   * The manifest, for the stack output `isolation`. Nothing in it is secret, see
   * docs/threat-model.md. To be called when the program has declared its resources; those that
   * callbacks of outputs declare are waited for.
   */
  manifest(): pulumi.Output<Manifest> {
    return pulumi.output(this.#build());
  }

  async #build(): Promise<Manifest> {
    const resources = await this.#settle();
    const byUrn = new Map(resources.map((each) => [each.urn, each]));
    const observations = await Promise.all([
      ...resources.map((each) => observe(each, byUrn, this.#fingerprinter)),
      observeMap("config", configFacts(), this.#fingerprinter),
    ]);
    const entries = observations
      .filter(({ resource, claims }) => !isGroup(resource) || claims.length > 0)
      // In an update what has no answer was left out of it by --target, and does not exist.
      .filter(({ resource }) => pulumi.runtime.isDryRun() || !isPending(resource))
      .map((each) => [each.resource.urn, entry(each)] as const);
    return manifestOf(
      { project: pulumi.getProject(), stack: pulumi.getStack() },
      this.#salt,
      Object.fromEntries(entries),
    );
  }

  /** Every resource with all that is known of it. */
  async #settle(): Promise<ResourceFact[]> {
    const facts: ResourceFact[] = [];
    while (facts.length < this.#declared.length) {
      const batch = this.#declared.slice(facts.length);
      facts.push(...(await Promise.all(batch.map((each) => resourceFact(each, this.#declared)))));
      // Callbacks of the outputs that were just waited for may declare more.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return facts;
  }
}

async function resourceFact(
  { resource, type, name, props, opts }: Declared,
  declared: readonly Declared[],
): Promise<ResourceFact> {
  const { __parentResource: parent, __prov: provider } = resource as unknown as ResourceParts;
  const custom = pulumi.CustomResource.isInstance(resource);
  const [inputs, urn, { id, ...outputs }, parentUrn, providerFacts] = await Promise.all([
    factMapOf(Object.entries(props)),
    urnOf(resource),
    // A provider answers nothing: its outputs are its inputs, or never known.
    isProvider({ type }) ? factMapOf([]) : outputsOf(resource),
    parent && urnOf(parent),
    provider && providerFact(provider, declared),
  ]);
  return {
    urn,
    type,
    name,
    parent: parentUrn,
    custom,
    id: typeof id === "string" ? id : undefined,
    external: opts.id !== undefined || opts.urn !== undefined,
    inputs,
    outputs,
    protect: opts.protect ?? false,
    retainOnDelete: opts.retainOnDelete ?? false,
    provider: providerFacts,
  };
}

async function outputsOf(resource: pulumi.Resource): Promise<FactMap> {
  const { urn: _, ...outputs } = await factMapOf(
    Object.entries(resource).filter(([, value]) => pulumi.Output.isInstance(value)),
  );
  return outputs;
}

async function providerFact(
  provider: pulumi.ProviderResource,
  declared: readonly Declared[],
): Promise<ProviderFact> {
  const {
    type = "",
    name = "",
    props = {},
  } = declared.find((each) => each.resource === provider) ?? {};
  const [urn, inputs] = await Promise.all([urnOf(provider), factMapOf(Object.entries(props))]);
  return { urn, type, name, inputs };
}

/** Known in previews as well: the engine makes it of names. */
async function urnOf(resource: pulumi.Resource): Promise<string> {
  const { urn } = await factMapOf([["urn", resource.urn]]);
  return typeof urn === "string" ? urn : "";
}

/** The stack's configuration, secrets marked as Pulumi marks them for a program. */
function configFacts(): FactMap {
  const secretKeys = new Set<string>(JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS || "[]"));
  return Object.fromEntries(
    Object.entries(pulumi.runtime.allConfig()).map(([key, value]) => [
      key,
      secretKeys.has(key) ? new Secret(value) : value,
    ]),
  );
}

/** A component: what it says of its resources, those say themselves, except what it alone owns. */
const isGroup = ({ custom, urn }: ResourceFact): boolean => !custom && urn !== "config";

/** A resource's entry; in a preview, what it says may not be known before the deployment. */
function entry(observation: Observation): ManifestEntry {
  const known = entryOf(
    isGroup(observation.resource) ? { ...observation, references: [], secrets: [] } : observation,
  );
  // The SDK sends this text to the engine as a value that is not known yet.
  return isPending(observation.resource)
    ? ({ ...known, claims: pulumi.runtime.unknownValue } as never)
    : known;
}

/**
 * Whether a resource is yet to be made. Unknown outputs do not tell: in a preview the SDK takes every
 * output that a vendor leaves out for unknown.
 */
const isPending = ({ custom, type, id, inputs }: ResourceFact): boolean =>
  (custom && !isProvider({ type }) && id === undefined) ||
  [...leavesOf(inputs)].some(({ value }) => value instanceof Unknown);
