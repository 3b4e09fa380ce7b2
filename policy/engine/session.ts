import type { IsolationIndex } from "../../isolation/compare/index.ts";
import {
  type FactMap,
  type FactValue,
  isFactMap,
  type ResourceFact,
  STACK_TYPE,
  type StackFacts,
} from "../../isolation/facts.ts";
import { MANIFEST_OUTPUT } from "../../isolation/manifest/index.ts";
import type { Observation } from "../../isolation/observation.ts";
import { observe, observeMap } from "../../isolation/observe.ts";
import type { Fingerprinter } from "../../isolation/secrets/index.ts";
import { exportedManifest, indexSiblings } from "../context.ts";
import { evaluateResource, evaluateStack, type RuleFinding } from "../evaluate.ts";
import type { RuleContext } from "../rule.ts";
import { rules } from "../rules/index.ts";
import type { PolicySettings } from "../settings.ts";
import type { Backend, BackendView } from "../siblings/index.ts";
import { tierOf } from "../tier-of.ts";
import { notesOf } from "./notes.ts";
import { readsInManifest, readsInState } from "./reads.ts";
import { isDefaultProvider, type RunFacts } from "./wire.ts";

export interface SessionOptions {
  readonly run: RunFacts;
  readonly settings: PolicySettings;
  readonly fingerprinter: Fingerprinter;
  readonly backend: Backend;
  /** ISO date, UTC. */
  readonly today: string;
}

/** What is known of the other stacks, ready to be asked. */
interface Surroundings {
  readonly view: BackendView;
  readonly others: IsolationIndex;
}

/** One preview or update of one stack, as the engine tells it resource by resource. */
export class PolicySession {
  readonly #options: SessionOptions;
  /** Read while the program starts. */
  readonly #surroundings: Promise<Surroundings>;
  readonly #announced = new Map<string, ResourceFact>();
  readonly #observations = new Map<string, Observation>();
  readonly #reported = new Set<string>();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#surroundings = this.#look();
    // Awaited with the first resource; a failure must not end the process before that.
    this.#surroundings.catch(() => undefined);
  }

  /**
   * What is wrong with a resource by what the program says of it; it was not created yet. The stack
   * itself comes first, and with it the configuration.
   */
  async announce(resource: ResourceFact): Promise<readonly RuleFinding[]> {
    const { run, fingerprinter } = this.#options;
    if (isDefaultProvider(resource.urn)) return [];
    this.#announced.set(resource.urn, resource);
    const observation =
      resource.type === STACK_TYPE
        ? await observeMap("config", run.config, fingerprinter)
        : await observe(resource, this.#announced, fingerprinter);
    this.#observations.set(resource.urn, observation);
    const observations = [...this.#observations.values()];
    const context = this.#context(await this.#surroundings, observations, {});
    const { findings } = await evaluateResource(rules, observation, context);
    return this.#fresh(findings);
  }

  /** What is wrong with the stack as a whole, what was not said before of its resources, and notes. */
  async conclude(
    finals: readonly ResourceFact[],
  ): Promise<{ findings: readonly RuleFinding[]; notes: readonly string[] }> {
    const { run, fingerprinter } = this.#options;
    // Siblings may have been changed meanwhile, and the stack's own state now has what was made.
    const surroundings = await (run.preview ? this.#surroundings : this.#look());
    const outputs = finals.find(({ type }) => type === STACK_TYPE)?.outputs ?? {};
    const { [MANIFEST_OUTPUT]: manifest, ...others } = outputs;
    const states = new Map(surroundings.view.own?.facts?.resources.map((each) => [each.urn, each]));
    const resources = finals
      .filter(isDeclared)
      .map((final) => this.#complete(final, states.get(final.urn), manifest));
    const byUrn = new Map(resources.map((each) => [each.urn, each]));
    const observations = await Promise.all([
      observeMap("config", run.config, fingerprinter),
      ...resources.map((each) => observe(each, byUrn, fingerprinter)),
      ...(run.preview
        ? readsInManifest(manifest)
        : readsInState(surroundings.view.own?.facts, outputs, fingerprinter)),
      observeMap("outputs", others, fingerprinter),
    ]);
    const context = this.#context(surroundings, observations, outputs);
    const evaluation = await evaluateStack(rules, context);
    return {
      findings: this.#fresh(evaluation.findings),
      notes: notesOf(run, surroundings.view, evaluation),
    };
  }

  async #look(): Promise<Surroundings> {
    const view = await this.#options.backend.read();
    return { view, others: indexSiblings(view) };
  }

  /**
   * The whole of a resource: its inputs from the announcement, its outputs from the end, and what
   * only the state knows.
   */
  #complete(
    final: ResourceFact,
    state: ResourceFact | undefined,
    manifest: FactValue | undefined,
  ): ResourceFact {
    const announced = this.#announced.get(final.urn);
    return {
      ...final,
      inputs: announced?.inputs ?? state?.inputs ?? {},
      id: state?.id,
      retainOnDelete: state?.retainOnDelete ?? retainedBy(manifest, final.urn),
    };
  }

  #context(
    { view, others }: Surroundings,
    observations: readonly Observation[],
    outputs: FactMap,
  ): RuleContext {
    const { run, settings, today, fingerprinter } = this.#options;
    const subject: StackFacts = {
      organization: run.organization,
      project: run.project,
      stack: run.stack,
      phase: run.preview ? "preview" : "update",
      config: run.config,
      resources: observations
        .map(({ resource }) => resource)
        .filter(({ urn }) => urn.startsWith("urn:")),
      outputs,
    };
    return {
      subject,
      tier: tierOf(run.stack, run.config["bulkhead:tier"]),
      observations,
      siblings: view.siblings,
      others,
      exported: exportedManifest(outputs),
      settings,
      today,
      fingerprinter,
    };
  }

  /** Without what was already reported in this run. */
  #fresh(findings: readonly RuleFinding[]): RuleFinding[] {
    return findings.filter((finding) => {
      const key = JSON.stringify([finding.rule.name, finding.urn, finding.path, finding.message]);
      return !this.#reported.has(key) && this.#reported.add(key);
    });
  }
}

/** What the program declares: neither the stack itself nor what the engine makes on its own. */
const isDeclared = ({ type, urn }: ResourceFact): boolean =>
  type !== STACK_TYPE && !isDefaultProvider(urn);

/** In a preview the state does not tell of a new resource yet; what the manifest says, an update verifies. */
function retainedBy(manifest: FactValue | undefined, urn: string): boolean | undefined {
  const entries = isFactMap(manifest) ? manifest.resources : undefined;
  const entry = isFactMap(entries) ? entries[urn] : undefined;
  return isFactMap(entry) ? entry.retain === true : undefined;
}
