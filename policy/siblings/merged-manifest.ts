/**
 * What a stack says of itself, and what its state shows: a stack that forgot or forged a claim in its
 * manifest is seen nevertheless. Only of secrets the state shows nothing but that they are there.
 */
import { stackClaim } from "../../isolation/extract/index.ts";
import {
  joinPath,
  leavesOf,
  type ResourceFact,
  Secret,
  STACK_REFERENCE_TYPE,
  STACK_TYPE,
  type StackFacts,
} from "../../isolation/facts.ts";
import {
  entryOf,
  MANIFEST_OUTPUT,
  type Manifest,
  type ManifestEntry,
  manifestOf,
  readManifest,
  saltId,
} from "../../isolation/manifest/index.ts";
import { observe } from "../../isolation/observe.ts";
import type { Fingerprinter } from "../../isolation/secrets/index.ts";
import { isWithin } from "../state/observations.ts";
import { isNeverRead } from "./unread-secrets.ts";

/** URNs of resources that are newer than the manifest. */
interface Newer {
  /** Changed since the manifest was written. */
  readonly unsettled: ReadonlySet<string>;
  /** Those of them that a refresh alone has changed. */
  readonly refreshed: ReadonlySet<string>;
}

const NOTHING_NEWER: Newer = { unsettled: new Set(), refreshed: new Set() };

type Entries = Record<string, ManifestEntry>;

/**
 * Everything that is known of what a stack owns, uses and keeps secret, and what is missing of it.
 */
export async function mergeManifest(
  facts: StackFacts,
  salt: string,
  fingerprinter: Fingerprinter,
  newer: Newer = NOTHING_NEWER,
): Promise<{ manifest: Manifest; gap: string | undefined }> {
  const exported = exportedManifest(facts, salt);
  const said = exported.manifest?.resources ?? {};
  const entries: Entries = { ...said };
  for (const [urn, entry] of await entriesOf(facts, fingerprinter))
    entries[urn] = merged(entry, entries[urn]);
  return {
    manifest: manifestOf(facts, salt, entries),
    gap: exported.problem ?? missingSecret(facts, said, newer),
  };
}

/** The manifest among the stack's outputs; or, when another stack can make nothing of it, why. */
function exportedManifest(
  { outputs, project, stack }: StackFacts,
  salt: string,
): { readonly manifest?: Manifest; readonly problem?: string } {
  const output = outputs[MANIFEST_OUTPUT];
  if (output === undefined) return {};
  if (output instanceof Secret) {
    return {
      problem:
        "Its isolation manifest is encrypted, although nothing in it is secret. Export it as the manifest collector returns it, and run `pulumi up` on it.",
    };
  }
  const read = readManifest(output);
  if ("problem" in read) return { problem: read.problem };
  const { manifest } = read;
  if (manifest.salt !== saltId(salt)) {
    return {
      problem:
        "Its isolation manifest was made with another salt than that of policy/settings.yaml. Give both the same salt, and run `pulumi up` on it.",
    };
  }
  if (manifest.project !== project || manifest.stack !== stack) {
    return {
      problem: `Its isolation manifest is that of ${manifest.project}/${manifest.stack}. Export its own, and run \`pulumi up\` on it.`,
    };
  }
  return { manifest };
}

/** What the state itself shows, by URN; a resource that is being replaced is there twice. */
async function entriesOf(
  facts: StackFacts,
  fingerprinter: Fingerprinter,
): Promise<(readonly [string, ManifestEntry])[]> {
  const byUrn = new Map(facts.resources.map((each) => [each.urn, each]));
  const own = stackClaim(facts);
  const observed = await Promise.all(
    facts.resources.map((resource) => observe(resource, byUrn, fingerprinter)),
  );
  return [
    [own.urn, { type: STACK_TYPE, claims: [own.identity] }],
    ...observed
      // What a component says of its resources, those say themselves, except what it alone owns.
      .filter(({ resource: { custom }, claims }) => custom || claims.length > 0)
      .map((observation) => [observation.resource.urn, entryOf(observation)] as const),
  ];
}

function merged(entry: ManifestEntry, other: ManifestEntry | undefined): ManifestEntry {
  if (other === undefined) return entry;
  const claims = union(other.claims, entry.claims);
  const references = union(other.references, entry.references);
  return {
    ...other,
    ...entry,
    ...(claims.length > 0 ? { claims } : {}),
    ...(references.length > 0 ? { references } : {}),
    ...(other.secrets === undefined ? {} : { secrets: other.secrets }),
  };
}

function union<Item>(one: readonly Item[] = [], other: readonly Item[] = []): Item[] {
  const byText = new Map([...one, ...other].map((item) => [JSON.stringify(item), item]));
  return [...byText.values()];
}

/** A secret in the state of which the manifest has no fingerprint, as a problem of two sentences. */
function missingSecret({ resources }: StackFacts, said: Entries, newer: Newer): string | undefined {
  for (const resource of resources.filter(
    ({ custom, type }) => custom && type !== STACK_REFERENCE_TYPE,
  )) {
    for (const path of sealedPaths(resource)) {
      if (isListed(resource, path, said) && mayBeNewer(resource, path, newer))
        return `Its secret ${path} of ${resource.name} (${resource.type}) may have changed since its last update that ended well, and its manifest is of that time. Run \`pulumi up\` on it.`;
      if (isListed(resource, path, said)) continue;
      const what =
        Object.keys(said).length === 0
          ? "It was deployed without the isolation manifest"
          : `Its isolation manifest does not list the secret ${path} of ${resource.name} (${resource.type})`;
      return `${what}, so that its secrets cannot be compared. Run \`pulumi up\` on it.`;
    }
  }
  return undefined;
}

/** Whether a secret may be another one than that of the manifest. */
const mayBeNewer = (resource: ResourceFact, path: string, newer: Newer): boolean =>
  newer.unsettled.has(resource.urn) &&
  !(newer.refreshed.has(resource.urn) && isNeverRead(resource, path));

function sealedPaths({ inputs, outputs }: ResourceFact): Set<string> {
  const leaves = [...leavesOf(inputs), ...leavesOf(outputs)];
  return new Set(
    leaves.filter(({ secret, value }) => secret && value === undefined).map(({ path }) => path),
  );
}

/** The provider that the engine makes of the stack's configuration. */
const DEFAULT_PROVIDER = /^pulumi:providers:([^:]+)::default(?:_|$)/;

/** Whether the manifest has the secret, or what is in it. */
function isListed({ urn, type, name }: ResourceFact, path: string, said: Entries): boolean {
  const [, vendor] = DEFAULT_PROVIDER.exec(`${type}::${name}`) ?? [];
  const [holder, at] =
    vendor === undefined ? [urn, path] : ["config", joinPath("", `${vendor}:${path}`)];
  const listed = said[holder]?.secrets ?? [];
  return listed.some((secret) => secret.length !== undefined && isWithin(secret.path, at));
}
