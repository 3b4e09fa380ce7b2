/** Whether the program still declares what is deployed. */
import { Unknown } from "../../isolation/facts.ts";
import { stateMap } from "../../policy/state/values.ts";
import { PreviewError, previewUp, type Step } from "../engine/preview.ts";
import { factChanges } from "../engine/property-changes.ts";
import type { Difference } from "../finding.ts";
import type { Redactor } from "../redact/redact.ts";
import type { Probe } from "./probe.ts";

/** What `up` would do, in words; a replacement comes as three steps, of which the middle one tells. */
const WOULD: Readonly<Record<string, string>> = {
  create: "create",
  update: "change",
  delete: "delete",
  replace: "replace",
  import: "import",
};

export const program: Probe = {
  name: "program",
  looksAt: "what the program declares now",
  async run({ preview, redactor }) {
    const stopped: Difference[] = [];
    const { steps } = await previewUp(preview).catch((error: unknown) => {
      const difference = protectedDifference(error);
      if (difference === undefined) throw error;
      stopped.push(difference);
      return { steps: [] };
    });
    if (stopped.length > 0) return stopped;
    return steps.flatMap((step) => {
      const would = WOULD[step.op];
      return would === undefined ? [] : [undeployed(step, would, redactor)];
    });
  },
};

/** Pulumi's words where an update would delete what is protected: such as what was imported just now. */
const PROTECTED = /resource "(?<urn>urn:pulumi:[^"]+)" cannot be deleted\s+because it is protected/;

/** The protected resource before which a preview has stopped; undefined when it failed of another cause. */
function protectedDifference(error: unknown): Difference | undefined {
  if (!(error instanceof PreviewError)) return undefined;
  const urn = PROTECTED.exec(error.message)?.groups?.urn;
  if (urn === undefined) return undefined;
  const [, , types = "", ...names] = urn.split("::");
  const [type = "", name] = [types.split("$").at(-1), names.join("::")];
  return {
    kind: "undeployed",
    subject: { urn, type, name, id: null },
    message: `The program does not declare ${name}, which is protected, so that \`up\` stops before it; what else it would change is not known.`,
    changes: [],
    trace: null,
    rules: [],
    key: "protected",
  };
}

function undeployed(step: Step, would: string, redactor: Redactor): Difference {
  const { urn, type, old } = step;
  const name = urn.split("::").slice(3).join("::");
  return {
    kind: "undeployed",
    subject: { urn, type, name, id: old?.id || null },
    message: `The program declares something else than what is deployed: \`up\` would ${would} ${name}.`,
    changes: would === "create" || would === "delete" ? [] : propertyChanges(step, redactor),
    trace: null,
    rules: [],
    key: would,
  };
}

/** What is deployed, and what the program declares instead; what only the provider sees has no values. */
function propertyChanges({ old, new: declared, detailedDiff }: Step, redactor: Redactor) {
  const changes = factChanges(stateMap(old?.inputs), stateMap(declared?.inputs));
  const seen = changes.map(({ path, before, after }) => ({
    path,
    before: redactor.show(before, path),
    after: after instanceof Unknown ? UNKNOWN_TEXT : redactor.show(after, path),
  }));
  const told = Object.keys(detailedDiff ?? {});
  return seen.length > 0 ? seen : told.map((path) => ({ path, before: null, after: null }));
}

/** Known once it is deployed. */
const UNKNOWN_TEXT = "[unknown]";
