import { invalidValue } from "../protocol/errors.ts";

/** One parameter that the local servers really take. */
interface Parameter {
  readonly allowed: string;
  readonly dataType: "string" | "integer";
  readonly standard: string;
  readonly description: string;
}

const integer = (standard: string, allowed: string, description: string): Parameter => ({
  dataType: "integer",
  standard,
  allowed,
  description,
});
const choice = (standard: string, allowed: string, description: string): Parameter => ({
  dataType: "string",
  standard,
  allowed,
  description,
});

const POLICIES =
  "volatile-lru,allkeys-lru,volatile-lfu,allkeys-lfu,volatile-random,allkeys-random,volatile-ttl,noeviction";

/** By their names. */
export const PARAMETERS: Readonly<Record<string, Parameter>> = {
  "hash-max-listpack-entries": integer("512", "0-2147483647", "Entries of a hash in a listpack."),
  "hash-max-listpack-value": integer("64", "0-2147483647", "Longest value in a hash's listpack."),
  "latency-tracking": choice("no", "yes,no", "Tracks the latency of commands."),
  "lazyfree-lazy-eviction": choice("yes", "yes,no", "Frees evicted keys in the background."),
  "lazyfree-lazy-expire": choice("yes", "yes,no", "Frees expired keys in the background."),
  "lazyfree-lazy-server-del": choice("yes", "yes,no", "Frees replaced keys in the background."),
  "lazyfree-lazy-user-del": choice("yes", "yes,no", "Frees deleted keys in the background."),
  "list-max-listpack-size": integer("-2", "-5-2147483647", "Size of a list's nodes."),
  "maxmemory-policy": choice("volatile-lru", POLICIES, "What is evicted when memory is full."),
  "maxmemory-samples": integer("3", "1-64", "Keys that eviction looks at."),
  "notify-keyspace-events": choice("", "", "Events of the keyspace that are published."),
  "set-max-intset-entries": integer("512", "0-2147483647", "Entries of a set of integers."),
  "slowlog-log-slower-than": integer("10000", "-1-2147483647", "Microseconds of a slow command."),
  "slowlog-max-len": integer("128", "0-2147483647", "Length of the slow log."),
  "tcp-keepalive": integer("300", "0-2147483647", "Seconds between keepalives."),
  timeout: integer(
    "0",
    "0-2147483647",
    "Seconds after which idle clients are cut off; 0 is never.",
  ),
  "tracking-table-max-keys": integer("1000000", "1-100000000", "Keys of the tracking table."),
  "zset-max-listpack-entries": integer(
    "128",
    "0-2147483647",
    "Entries of a sorted set in a listpack.",
  ),
  "zset-max-listpack-value": integer(
    "64",
    "0-2147483647",
    "Longest value in a sorted set's listpack.",
  ),
};

/** What every server has unless its group says otherwise. */
export const standardSettings: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(PARAMETERS).map(([name, { standard }]) => [name, standard]),
);

/** Throws the vendor's refusal of a parameter or value that there is not. */
export function checkValue(name: string, value: string): void {
  const parameter = PARAMETERS[name];
  if (parameter === undefined) {
    throw invalidValue(`The parameter ${name} does not exist, or is not one that can be changed.`);
  }
  const invalid = invalidValue(
    `The value ${value} is not valid for the parameter ${name}. Allowed values: ${parameter.allowed}`,
  );
  if (name === "notify-keyspace-events") {
    if (!/^[KEg$lszxetdmnA]*$/.test(value)) throw invalid;
    return;
  }
  if (parameter.dataType === "string") {
    if (!parameter.allowed.split(",").includes(value)) throw invalid;
    return;
  }
  const [, least, most] = /^(-?\d+)-(\d+)$/.exec(parameter.allowed) ?? [];
  const number = Number(value);
  if (!/^-?\d+$/.test(value) || number < Number(least) || number > Number(most)) throw invalid;
}
