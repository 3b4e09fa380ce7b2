import { isProvider, stackLabel } from "../../isolation/facts.ts";
import type { Observation, SecretFact } from "../../isolation/observation.ts";
import { firstOf } from "../first-of.ts";
import { isGenerator } from "../generators.ts";
import type { Finding, Rule, RuleView } from "../rule.ts";
import { isCommonWord, isIssued } from "../secret-origins.ts";
import { undecidedPaths } from "../undecided.ts";
import { elsewhere, placeOf } from "../wording.ts";

export const noSharedSecret: Rule = {
  name: "no-shared-secret",
  title: "Checks whether every secret value belongs to one stack and one system",
  severity: "critical",
  level: "mandatory",
  why: "Whoever learns a shared secret in the weakest place can use it in all the others.",
  remedy:
    "Generate a value of its own here (components/secret.ts), and rotate the one that was shared; where a vendor issues it, have one issued for each environment.",
  violation: "A Worker's JWT_SECRET of staging equals production's, or contains it in base64.",
  passes: "The value of one generator in two Workers of the same system.",
  *resource(observation, view) {
    // Credentials of providers are the business of separate-credentials.
    if (isProvider(observation.resource)) return;
    for (const secret of observation.secrets) {
      if (isCommonWord(observation, secret)) continue;
      yield* sharedWithStacks(secret, view);
      yield* sharedWithSystems(observation, secret, view);
    }
    // A short value has no fingerprint either; strong-secret refuses it.
    const sealed = observation.secrets.filter(
      ({ fingerprints, length }) => fingerprints.length === 0 && length === undefined,
    );
    yield* undecidedPaths(
      observation,
      sealed.map(({ path }) => path),
      "The secret",
    );
  },
  // What a system's own resources made is known at the end only.
  *stack(view) {
    for (const observation of view.observations)
      for (const secret of observation.secrets) yield* heldByProviders(observation, secret, view);
  },
};

function* sharedWithStacks(secret: SecretFact, { others }: RuleView): Generator<Finding> {
  const holders = firstOf(secret.fingerprints, (each) => others.holdersOf(each));
  const byStack = new Map(holders.toReversed().map((each) => [stackLabel(each.stack), each]));
  for (const holder of byStack.values())
    yield {
      status: "violation",
      urn: secret.urn,
      path: secret.path,
      other: holder,
      message: `The secret is also held by ${elsewhere(holder.stack, holder.urn, holder.path)}.`,
    };
}

function* sharedWithSystems(
  { system }: Observation,
  { urn, path, fingerprints }: SecretFact,
  { own }: RuleView,
): Generator<Finding> {
  const rival = own
    .holdersOf(fingerprints)
    .find(({ observation }) => (observation.system ?? system) !== (system ?? observation.system));
  if (rival === undefined) return;
  yield {
    status: "violation",
    urn,
    path,
    message:
      `The system ${system} holds a secret that is also at ` +
      `${placeOf(rival.fact.urn, rival.fact.path)} of the system ${rival.observation.system}.`,
  };
}

/** A credential of a provider above the systems, in a system that did not itself make that credential. */
function* heldByProviders(
  { resource, system }: Observation,
  { urn, path, fingerprints }: SecretFact,
  { own }: RuleView,
): Generator<Finding> {
  if (system === undefined || isProvider(resource)) return;
  const holders = own.holdersOf(fingerprints);
  const provider = holders.find(
    ({ observation }) => observation.system === undefined && isProvider(observation.resource),
  );
  const made = holders.some(
    ({ observation, fact }) =>
      observation.system === system &&
      (isGenerator(observation.resource) || isIssued(observation, fact)),
  );
  if (provider === undefined || made) return;
  yield {
    status: "violation",
    urn,
    path,
    message:
      `The system ${system} holds the credential of the provider ` +
      `${placeOf(provider.fact.urn, provider.fact.path)}, which reaches everything in its account.`,
  };
}
