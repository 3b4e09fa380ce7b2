import { leavesOf, Unknown } from "../../isolation/facts.ts";
import type { Observation, TextFact } from "../../isolation/observation.ts";
import { estimateBits } from "../../isolation/secrets/index.ts";
import { firstOf } from "../first-of.ts";
import type { Rule, RuleView } from "../rule.ts";
import { variableName } from "../secret-names.ts";
import { looksSecret, secretShapeIn } from "../secret-shapes.ts";
import { undecidedPaths } from "../undecided.ts";
import { elsewhere, placeOf } from "../wording.ts";

export const noPlaintextSecret: Rule = {
  name: "no-plaintext-secret",
  title: "Checks whether secrets stand in plain texts",
  severity: "critical",
  level: "mandatory",
  why: "Plain texts are shown in previews, states, dashboards and logs, to everybody who may look there.",
  remedy:
    "Mark the value as a secret (a Secret component, pulumi.secret, pulumi config set --secret), and rotate it: it was seen.",
  violation: "A plain_text binding SMTP_PASSWORD, or a stack output that holds a secret in base64.",
  passes: "TOKEN_TTL=3600, a public key, an id.",
  *resource(observation, view) {
    for (const fact of observation.texts) {
      const problem = problemOf(fact, observation, view);
      if (problem !== undefined)
        yield { status: "violation", urn: fact.urn, path: fact.path, message: problem };
    }
    yield* undecidedPaths(observation, unknownTexts(observation), "The value");
  },
};

function problemOf(
  fact: TextFact,
  { resource }: Observation,
  { own, others, texts }: RuleView,
): string | undefined {
  const fingerprints = texts.at(fact);
  const [mine] = own.holdersOf(fingerprints);
  if (mine)
    return `It shows the secret of ${placeOf(mine.fact.urn, mine.fact.path)} in plain text.`;
  const [theirs] = firstOf(fingerprints, (each) => others.holdersOf(each));
  if (theirs)
    return `It shows in plain text a secret of ${elsewhere(theirs.stack, theirs.urn, theirs.path)}.`;
  const shape = secretShapeIn(fact.text);
  if (shape) return `It is, or holds, ${shape} in plain text.`;
  const name = variableName(resource, fact.path);
  return looksSecret(name, fact.text, estimateBits)
    ? `${name} announces a secret, and its value is a plain text.`
    : undefined;
}

/** Plain values that are not known yet, of what the program asks for or shows: each could be a secret. */
function* unknownTexts({ resource: { urn, inputs, outputs } }: Observation): Generator<string> {
  for (const { path, value, secret } of leavesOf(urn === "outputs" ? outputs : inputs))
    if (value instanceof Unknown && !secret) yield path;
}
