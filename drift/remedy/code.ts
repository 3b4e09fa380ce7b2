/** Changes of a program, as TypeScript that a person puts into it. */
import { type FactValue, leavesOf, type ResourceFact } from "../../isolation/facts.ts";
import { estimateBits } from "../../isolation/secrets/index.ts";
import { looksSecret, secretShapeIn } from "../../policy/secret-shapes.ts";
import type { CodeChange, PropertyChange, Subject } from "../finding.ts";
import { placeOf } from "./place.ts";

type Recorded = readonly ResourceFact[];

/** Makes the program declare what is there. */
export const acceptedProperties = (
  subject: Subject,
  changes: readonly PropertyChange[],
  recorded: Recorded,
): CodeChange => ({
  place: placeOf(subject.urn, recorded),
  text: [`// ${subject.name} (${className(subject.type)})`, ...changes.map(propertyLine)].join(
    "\n",
  ),
});

/** Takes the declaration of what is gone out of the program. */
export const withoutDeclaration = (subject: Subject, recorded: Recorded): CodeChange => ({
  place: placeOf(subject.urn, recorded),
  text: `// Remove the declaration of ${subject.name} (${className(subject.type)}), and what uses it.`,
});

/** What is to be declared. */
interface Declared extends Pick<ResourceFact, "urn" | "type" | "name" | "parent" | "inputs"> {
  /** URN of a resource that is declared alike, beside which it belongs. */
  readonly like?: string | undefined;
}

/** Declares what the program lacks, beside the resources that are declared like it. */
export function declarationOf(
  { urn, type, name, parent, inputs, like }: Declared,
  recorded: Recorded,
): CodeChange {
  const [vendor = "", module = ""] = type.split(":");
  const [folder = "index"] = module.split("/");
  const path = [vendor, ...(folder === "index" ? [] : [folder]), className(type)];
  const beside =
    like ?? recorded.find((each) => each.type === type && each.urn !== urn && each.declaredAt)?.urn;
  const properties = Object.entries(inputs).map(
    ([key, value]) => `  ${key}: ${literal(value, key)},`,
  );
  return {
    place: placeOf(beside ?? null, recorded),
    text: [
      `import * as ${vendor} from "@pulumi/${vendor}";`,
      `new ${path.join(".")}(${JSON.stringify(name)}, {`,
      ...properties,
      `}, {${parent === undefined ? "" : " parent: scope,"} protect: true });`,
    ].join("\n"),
  };
}

/** A value in the program's language; a secret is none to be written there. */
function literal(value: FactValue, path: string): string {
  const leaves = [...leavesOf(value, path)];
  const isSecret = leaves.some(
    (leaf) =>
      leaf.secret ||
      (typeof leaf.value === "string" &&
        (secretShapeIn(leaf.value) !== undefined ||
          looksSecret(leaf.path.split(/[.[]/).at(-1) ?? "", leaf.value, estimateBits))),
  );
  return isSecret ? "/* a secret; keep it in the stack's config */" : JSON.stringify(value);
}

/** One property with what it is to be, and what it was. */
function propertyLine({ path, before, after }: PropertyChange): string {
  const was = before === null ? "// not declared before" : `// before: ${before}`;
  if (after === null) return `// remove ${path}  ${was}`;
  return `${path}: ${after === HIDDEN ? "/* the secret that is there now; keep it in the stack's config */" : after},  ${was}`;
}

/** How reports show a secret. */
const HIDDEN = "[secret]";

/** `cloudflare:index/d1Database:D1Database` → `D1Database`. */
const className = (type: string): string => type.split(":").at(-1) ?? type;
