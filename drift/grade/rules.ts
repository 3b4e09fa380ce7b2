/** The grades, the worst first. The first line that fits decides, and the last fits everything. */
import {
  D1_MIGRATIONS,
  DATA_RESOURCES,
  ELASTICACHE_CLUSTER,
  ELASTICACHE_GROUP,
} from "../../policy/vendor-types.ts";
import type { Difference, Kind, PropertyChange } from "../finding.ts";
import type { GradeRule } from "./rule.ts";
import { WEAKENINGS } from "./weakenings.ts";

export const GRADE_RULES: readonly GradeRule[] = [
  {
    name: "isolation",
    fits: ({ broken }) => broken.some(({ severity }) => severity === "critical"),
    grades: ["critical", "critical"],
    because: "It breaks the isolation of an environment.",
  },
  {
    name: "lost-data",
    fits: ({ difference }) => difference.kind === "deleted" && holdsData(difference),
    grades: ["high", "high"],
    because: "Something that holds data is gone, and what was in it with it.",
  },
  {
    name: "policy",
    fits: ({ broken }) => broken.some(({ severity }) => severity === "high"),
    grades: ["high", "medium"],
    because: "It breaks a rule of the policy pack that protects this environment.",
  },
  ...WEAKENINGS,
  {
    name: "gone",
    fits: ({ difference }) => is("deleted", difference),
    grades: ["high", "medium"],
    because: "Something that the environment is made of is gone.",
  },
  {
    name: "secret",
    fits: ({ difference }) => is("secret", difference),
    grades: ["high", "medium"],
    because:
      "A secret was changed in place: somebody else knows it, and what has the old one fails.",
  },
  {
    name: "code",
    fits: ({ difference }) => is("code", difference),
    grades: ["high", "medium"],
    because: "What runs is not what was built and reviewed.",
  },
  {
    name: "schema",
    fits: ({ difference }) => is("schema", difference),
    grades: ["high", "medium"],
    because: "A database's schema is not what its migrations make, so that the next one may fail.",
  },
  {
    name: "access",
    fits: ({ difference }) => is("access", difference),
    grades: ["high", "medium"],
    because: "Somebody may do what was not declared.",
  },
  {
    name: "power-of-nobody",
    fits: ({ difference }) => is("unmanaged", difference) && hasPower(difference),
    grades: ["high", "medium"],
    because: "It holds data or lets somebody in, and no stack says why it is there.",
  },
  {
    name: "power-left-behind",
    fits: ({ difference }) => is("orphaned", difference) && hasPower(difference),
    grades: ["medium", "medium"],
    because: "It was left behind, and still holds data or lets somebody in.",
  },
  {
    name: "left-behind",
    fits: ({ difference }) => is("orphaned", difference),
    grades: ["low", "low"],
    because: "It was left behind, and does nothing but cost.",
  },
  {
    name: "undeployed-loss",
    fits: ({ difference }) =>
      is("undeployed", difference) && removes(difference) && holdsData(difference),
    grades: ["high", "medium"],
    because: "The next `up` would delete what holds data.",
  },
  {
    name: "policy-of-form",
    fits: ({ broken }) => broken.length > 0,
    grades: ["medium", "low"],
    because: "It breaks a rule of the policy pack on how an environment is made.",
  },
  {
    name: "description",
    fits: ({ difference }) =>
      is("changed", difference) &&
      difference.changes.length > 0 &&
      difference.changes.every(({ path }) => DESCRIBES.test(path)) &&
      !(CHOSEN_BY_TAGS.test(difference.subject.type) && difference.changes.some(isOfTags)),
    grades: ["low", "low"],
    because: "It describes the resource, and does nothing.",
  },
  {
    name: "other",
    fits: () => true,
    grades: ["medium", "low"],
    because: "It is not what the program declares.",
  },
];

const is = (kind: Kind, difference: Difference): boolean => difference.kind === kind;

/** A property, or one of the things in it, that only people read. */
const DESCRIBES = /^(?:tags|tagsAll|labels|description|annotations|name)(?:[.[]|$)/;

/** Whose tags decide which firewalls stand before it, and which databases let it in. */
const CHOSEN_BY_TAGS = /^digitalocean:index\/droplet:/;
const isOfTags = ({ path }: PropertyChange): boolean => /^tags(?:[.[]|$)/.test(path);

/** What the policies take for data, and caches, in which sessions and queues are. */
const HOLDS_DATA: ReadonlySet<string> = new Set([
  ...DATA_RESOURCES,
  D1_MIGRATIONS,
  ELASTICACHE_GROUP,
  ELASTICACHE_CLUSTER,
  "bulkhead:postgres:Database",
]);

const holdsData = ({ subject: { type } }: Difference): boolean => HOLDS_DATA.has(type);

/**
 * Ends of type tokens of what holds data (databases, buckets, disks, copies of them), runs code, or lets
 * somebody in. An inventory names things that no program declares here, so no list of tokens is complete.
 */
const POWER =
  /(?:Database|DatabaseDb|Bucket|Cluster|Instance|Group|Volume|Snapshot|Image|Namespace|Queue|Table|Script|Droplet|HyperdriveConfig|Pool|Key|User|Role|Token|Secret)(?:V2|Copy)?$/;

/** Groups that only name others. */
const POWERLESS = /(?:SecurityGroup|SubnetGroup|ParameterGroup|UserGroup)$/;

const hasPower = ({ subject: { type } }: Difference): boolean =>
  POWER.test(type) && !POWERLESS.test(type);

const removes = ({ key }: Difference): boolean => key === "delete" || key === "replace";
