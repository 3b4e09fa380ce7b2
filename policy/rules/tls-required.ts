import { isFactMap, leavesOf, type ResourceFact, Unknown } from "../../isolation/facts.ts";
import { type Expectation, isDeclared, isTrue, unmet } from "../expectations.ts";
import { mayHoldAddress, plainConnection } from "../plain-connections.ts";
import { propertyOf } from "../property-paths.ts";
import type { Finding, Rule } from "../rule.ts";
import { variableName } from "../secret-names.ts";
import { ELASTICACHE_CLUSTER, ELASTICACHE_GROUP } from "../vendor-types.ts";

const WEAK_MODES: ReadonlySet<unknown> = new Set(["disable", "allow", "prefer"]);
const WEAK_VERSIONS: ReadonlySet<unknown> = new Set(["1.0", "1.1"]);

const EXPECTATIONS: readonly Expectation[] = [
  {
    types: ["cloudflare:index/hyperdriveConfig:HyperdriveConfig"],
    path: "mtls.sslmode",
    accepts: (value) => !WEAK_MODES.has(value),
    message: "It connects to its database without insisting on encryption.",
  },
  {
    types: ["cloudflare:index/r2CustomDomain:R2CustomDomain"],
    path: "minTls",
    accepts: (value) => !WEAK_VERSIONS.has(value),
    message: "It accepts versions of TLS that are broken.",
  },
  {
    types: [ELASTICACHE_GROUP, ELASTICACHE_CLUSTER],
    path: "transitEncryptionEnabled",
    accepts: isTrue,
    message: "It accepts connections that are not encrypted.",
    // Memcached and members of a group have no setting of their own.
    except: ({ inputs }) =>
      inputs.engine === "memcached" ||
      (inputs.replicationGroupId !== undefined && inputs.clusterId !== undefined),
  },
];

const PARAMETER_GROUPS: ReadonlySet<string> = new Set([
  "aws:rds/parameterGroup:ParameterGroup",
  "aws:rds/clusterParameterGroup:ClusterParameterGroup",
]);

/** Settings of a server that decide whether it insists on encryption, and how they say no. */
const WEAK_SETTINGS: Readonly<Record<string, RegExp>> = {
  "rds.force_ssl": /^0$/,
  require_secure_transport: /^(?:0|off)$/i,
};

export const tlsRequired: Rule = {
  name: "tls-required",
  title: "Checks whether connections to databases, caches and stores are encrypted",
  severity: "high",
  level: "mandatory",
  why: "On the way through networks of others a password and all data can be read from a connection without TLS.",
  remedy: "Connect by TLS: sslmode=require or stricter, rediss://, https://.",
  violation: "DATABASE_URL with sslmode=disable, or redis:// to another machine.",
  passes: "A Redis at localhost, since that connection never leaves the machine.",
  *resource({ resource }) {
    yield* unmet(EXPECTATIONS, resource);
    if (PARAMETER_GROUPS.has(resource.type) && isDeclared(resource)) yield* weakSettings(resource);
    yield* plainAddresses(resource);
  },
};

/** Addresses in variables, secret ones included: their parameters are no secret. */
function* plainAddresses(resource: ResourceFact): Generator<Finding> {
  const { urn, inputs, outputs } = resource;
  const leaves = [...leavesOf(inputs), ...leavesOf(urn === "outputs" ? outputs : {})];
  for (const { path, value } of leaves) {
    if (typeof value === "string") {
      const problem =
        value.includes("://") || value.includes("host=")
          ? plainConnection(variableName(resource, path), value)
          : undefined;
      if (problem !== undefined) yield { status: "violation", urn, path, message: problem };
    } else if (
      (value === undefined || value instanceof Unknown) &&
      mayHoldAddress(variableName(resource, path))
    ) {
      const why = value === undefined ? "is sealed in the state" : "is not known yet";
      yield { status: "undecided", urn, path, message: `The address ${why}.` };
    }
  }
}

function* weakSettings(resource: ResourceFact): Generator<Finding> {
  const parameters = propertyOf(resource, "parameters");
  if (!Array.isArray(parameters)) return;
  for (const [index, parameter] of parameters.entries()) {
    if (!isFactMap(parameter)) continue;
    const { name, value } = parameter;
    if (typeof name === "string" && WEAK_SETTINGS[name]?.test(String(value)))
      yield {
        status: "violation",
        urn: resource.urn,
        path: `parameters[${index}].value`,
        message: `With ${name} off the server accepts connections that are not encrypted.`,
      };
  }
}
