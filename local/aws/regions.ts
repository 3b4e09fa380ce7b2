/** Regions of the `aws` partition that accounts can use without opting in, each with its availability zones. */
const ZONES: Readonly<Record<string, string>> = {
  "ap-northeast-1": "acd",
  "ap-northeast-2": "abcd",
  "ap-northeast-3": "abc",
  "ap-south-1": "abc",
  "ap-southeast-1": "abc",
  "ap-southeast-2": "abc",
  "ca-central-1": "abd",
  "eu-central-1": "abc",
  "eu-north-1": "abc",
  "eu-west-1": "abc",
  "eu-west-2": "abc",
  "eu-west-3": "abc",
  "sa-east-1": "abc",
  "us-east-1": "abcdef",
  "us-east-2": "abc",
  "us-west-1": "ab",
  "us-west-2": "abcd",
};

/** The region that a new account's credentials are told with. */
export const DEFAULT_REGION = "us-east-1";

export const regions: readonly string[] = Object.keys(ZONES);

/** `us-east-1a`, … Empty for a region that there is not. */
export const zonesOf = (region: string): string[] =>
  [...(ZONES[region] ?? "")].map((letter) => `${region}${letter}`);

/** `use1-az1`: the same for every account here; at the vendor the letters differ between accounts. */
export function zoneIdOf(zone: string): string {
  const region = zone.slice(0, -1);
  const [area = "", direction = "", number = ""] = region.split("-");
  const short = { northeast: "ne", northwest: "nw", southeast: "se", southwest: "sw" }[direction];
  const place = zonesOf(region).indexOf(zone) + 1;
  return `${area}${short ?? direction.slice(0, 1)}${number}-az${place}`;
}
