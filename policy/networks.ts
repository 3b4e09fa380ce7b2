import { type FactMap, type FactValue, isFactMap, Unknown } from "../isolation/facts.ts";

/** Ports that databases and caches listen on. */
const DATABASE_PORTS = [1433, 1521, 3306, 5432, 5439, 6379, 9042, 9200, 11_211, 27_017];

const LAST_PORT = 65_535;

/** Bits. A network with a shorter prefix is most of the internet, whatever its first address. */
const SHORTEST_PREFIX = 8;

/** True for a range of addresses that holds about everybody: `0.0.0.0/0`, `::/0`, `128.0.0.0/1`. */
export function isEverybody(range: FactValue | undefined): boolean {
  if (typeof range !== "string") return false;
  const [address = "", prefix] = range.trim().split("/");
  return prefix === undefined
    ? address === "0.0.0.0" || address === "::"
    : Number(prefix) < SHORTEST_PREFIX;
}

/** One rule of a firewall that lets traffic in, as providers spell it. */
export interface Opening {
  readonly ports: string;
  readonly open: boolean;
  /** Something that decides is not known yet. */
  readonly unknown: boolean;
}

const RANGES = ["cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6", "sourceAddresses"];
const PROTOCOLS_OF_ALL = new Set<unknown>(["-1", "all", -1]);

/** First and last port: of AWS in two numbers, of DigitalOcean in a text, where 0 and `all` are all. */
function portsOf({ fromPort, toPort, portRange }: FactMap): readonly (FactValue | undefined)[] {
  if (typeof portRange !== "string")
    return portRange === undefined ? [fromPort, toPort] : [portRange];
  if (portRange === "all" || portRange === "0") return [0, LAST_PORT];
  const [from, to = from] = portRange.split("-").map(Number);
  return [from, to];
}

/** Whether a rule of a security group or a firewall opens a database's port to everybody. */
export function openingOf(rule: FactValue): Opening {
  if (!isFactMap(rule)) return { ports: "", open: false, unknown: rule instanceof Unknown };
  const { protocol, ipProtocol } = rule;
  const [fromPort, toPort] = portsOf(rule);
  const ranges = RANGES.flatMap((key) => rule[key] ?? []);
  const all = PROTOCOLS_OF_ALL.has(protocol) || PROTOCOLS_OF_ALL.has(ipProtocol);
  const from = all ? 0 : fromPort;
  const to = all ? LAST_PORT : toPort;
  const reached =
    typeof from === "number" && typeof to === "number"
      ? DATABASE_PORTS.filter((port) => from <= port && port <= to)
      : [];
  const unknown = [from, to, ...ranges].some((value) => value instanceof Unknown);
  return {
    ports: reached.join(", "),
    open: reached.length > 0 && ranges.some(isEverybody),
    unknown,
  };
}
