import { describeIdentity } from "../../isolation/identity/kinds.ts";
import type { Reference } from "../../isolation/observation.ts";
import { aliasesOf } from "../aliases.ts";
import type { Seen } from "../own-index.ts";
import { isPublicHost } from "../public-hosts.ts";
import type { Level, Rule } from "../rule.ts";
import { undecidedPaths } from "../undecided.ts";
import { elsewhere } from "../wording.ts";

/** By kind: other rules look at these, and these are weak ties. What is missing is shared data. */
const LEVELS: Readonly<Record<string, Level | "elsewhere">> = {
  account: "elsewhere",
  stack: "elsewhere",
  "dns-name": "advisory",
  host: "advisory",
  route: "advisory",
};

/** Properties that hold a program. */
const SOURCES = /(?:^|\.)(?:content|code|inlineCode|source|script)$/;

/** A provider's setting that says where its vendor's API is. */
const ENDPOINT = /^(?:apiEndpoint|baseUrl|endpoints?\b.*|spacesEndpoint)$/;

/** Providers of clouds, whose endpoint is the cloud's; another's may be a server of somebody's own. */
const CLOUD_PROVIDER = /^pulumi:providers:(?:aws|bulkhead|cloudflare|digitalocean)$/;

const isVendorEndpoint = ({ observation: { resource }, fact }: Seen<Reference>): boolean =>
  CLOUD_PROVIDER.test(resource.type) && ENDPOINT.test(fact.path);

export const noSharedDependency: Rule = {
  name: "no-shared-dependency",
  title: "Checks whether two stacks use the same thing that no stack owns",
  severity: "high",
  level: "mandatory",
  why: "A server, a bucket or a zone that was made by hand ties environments together as one of a stack does.",
  remedy:
    "Make one for each environment, or write down that it is shared on purpose in policy/settings.yaml.",
  violation: "DATABASE_URL of staging and of production name databases on the same server.",
  passes: "Both stacks call api.stripe.com, each with its own key.",
  *resource(observation, { own, others }) {
    for (const { identity, urn, path } of observation.references) {
      const level = LEVELS[identity.slice(0, identity.indexOf(":"))] ?? "mandatory";
      if (level === "elsewhere" || isPublicHost(identity)) continue;
      // Every environment runs the same source, and pages that it names are no dependency.
      if (level === "advisory" && SOURCES.test(path)) continue;
      const names = aliasesOf(identity);
      const isOwned = (name: string) =>
        own.ownersOf(name).length > 0 || others.ownersOf(name).length > 0;
      if (names.some(isOwned)) continue;
      // Where a provider speaks to its vendor is every stack's, as the vendor's own hosts are.
      if (names.some((name) => own.usersOf(name).some(isVendorEndpoint))) continue;
      const [user] = names.flatMap((name) => others.usersOf(name));
      if (user === undefined) continue;
      yield {
        status: "violation",
        urn,
        path,
        identity,
        level,
        other: user,
        message: `It uses ${describeIdentity(identity)}, which nobody owns and ${elsewhere(user.stack, user.urn, user.path)} uses too.`,
      };
    }
    yield* undecidedPaths(observation, observation.unknown, "What it uses");
  },
};
