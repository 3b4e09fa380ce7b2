import { type FactValue, type ResourceFact, Unknown } from "../../isolation/facts.ts";
import { type Expectation, isDeclared, isNotTrue, unmet } from "../expectations.ts";
import { isEverybody, openingOf } from "../networks.ts";
import { propertyOf, valueAt } from "../property-paths.ts";
import type { Finding, Rule } from "../rule.ts";
import { DIGITALOCEAN_DATABASE, RDS_INSTANCE } from "../vendor-types.ts";

const FIREWALL = "digitalocean:index/databaseFirewall:DatabaseFirewall";

const EXPECTATIONS: readonly Expectation[] = [
  {
    types: [RDS_INSTANCE, "aws:rds/clusterInstance:ClusterInstance"],
    path: "publiclyAccessible",
    accepts: isNotTrue,
    message: "It has an address on the internet.",
  },
  {
    types: ["aws:redshift/cluster:Cluster"],
    // The provider's own default is true.
    path: "publiclyAccessible",
    accepts: (value) => value === false,
    message: "It has an address on the internet.",
  },
];

/** Where a resource keeps rules that let traffic in; an empty path is the resource itself. */
const OPENINGS: Readonly<Record<string, string>> = {
  "aws:ec2/securityGroup:SecurityGroup": "ingress",
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "ingress",
  "aws:ec2/securityGroupRule:SecurityGroupRule": "",
  "digitalocean:index/firewall:Firewall": "inboundRules",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "",
};

export const noPublicDatabase: Rule = {
  name: "no-public-database",
  title: "Checks whether databases can be reached from the internet",
  severity: "high",
  level: "mandatory",
  why: "A database that everybody can connect to is one guessed or leaked password away from everybody.",
  remedy: "Let in only the addresses, security groups or resources that use the database.",
  violation: "A firewall rule of a DigitalOcean database with the address 0.0.0.0/0.",
  passes: "Port 443 of a web server open to everybody, or a database open to one address.",
  *resource({ resource }) {
    yield* unmet(EXPECTATIONS, resource);
    if (!isDeclared(resource)) return;
    yield* openPorts(resource);
    if (resource.type === FIREWALL) yield* openFirewall(resource);
  },
  *stack({ subject }) {
    const firewalls = subject.resources.filter(({ type }) => type === FIREWALL);
    const protectedIds = firewalls.map((firewall) => propertyOf(firewall, "clusterId"));
    const clusters = subject.resources.filter(
      (resource) => resource.type === DIGITALOCEAN_DATABASE && isDeclared(resource),
    );
    for (const { urn, id } of clusters) {
      if (id !== undefined && protectedIds.includes(id)) continue;
      const undecided = protectedIds.some((each) => each instanceof Unknown);
      yield undecided
        ? { status: "undecided", urn, message: "Which cluster a firewall is for is not known yet." }
        : {
            status: "violation",
            urn,
            message:
              "It has no firewall in this stack, so that it takes connections from everywhere.",
          };
    }
  },
};

function* openPorts(resource: ResourceFact): Generator<Finding> {
  const path = OPENINGS[resource.type];
  if (path === undefined || valueAt(resource.inputs, "type") === "egress") return;
  const value = propertyOf(resource, path);
  const rules: readonly FactValue[] = Array.isArray(value) ? value : [value ?? {}];
  for (const [index, rule] of rules.entries()) {
    const { ports, open, unknown } = openingOf(rule);
    const at = { urn: resource.urn, path: path === "" ? "fromPort" : `${path}[${index}]` };
    if (open) yield { ...at, status: "violation", message: `It opens port ${ports} to everybody.` };
    else if (unknown)
      yield { ...at, status: "undecided", message: "Whom it lets in is not known yet." };
  }
}

function* openFirewall(resource: ResourceFact): Generator<Finding> {
  const rules = propertyOf(resource, "rules");
  if (!Array.isArray(rules)) {
    if (rules instanceof Unknown)
      yield {
        status: "undecided",
        urn: resource.urn,
        path: "rules",
        message: "Whom it lets in is not known yet.",
      };
    return;
  }
  for (const index of rules.keys()) {
    const path = `rules[${index}].value`;
    const value = propertyOf(resource, path);
    if (value instanceof Unknown)
      yield {
        status: "undecided",
        urn: resource.urn,
        path,
        message: "Whom it lets in is not known yet.",
      };
    else if (isEverybody(value))
      yield { status: "violation", urn: resource.urn, path, message: "It lets in everybody." };
  }
}
