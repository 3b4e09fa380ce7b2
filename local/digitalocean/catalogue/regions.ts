import { unprocessable } from "../envelope.ts";
import { SIZES } from "./sizes.ts";

/** Slug and name of each region that the local cloud has; all of them offer the same. */
const NAMES: Readonly<Record<string, string>> = {
  nyc1: "New York 1",
  nyc3: "New York 3",
  sfo3: "San Francisco 3",
  tor1: "Toronto 1",
  ams3: "Amsterdam 3",
  fra1: "Frankfurt 1",
  lon1: "London 1",
  sgp1: "Singapore 1",
  blr1: "Bangalore 1",
  syd1: "Sydney 1",
};

/** A region as the API shows it, also within droplets and volumes. */
export interface Region {
  readonly name: string;
  readonly slug: string;
  readonly features: readonly string[];
  readonly available: boolean;
  readonly sizes: readonly string[];
}

export const REGIONS: readonly Region[] = Object.entries(NAMES).map(([slug, name]) => ({
  name,
  slug,
  features: ["storage", "metadata"],
  available: true,
  sizes: SIZES.map((size) => size.slug),
}));

export const regionSlugs = (): string[] => REGIONS.map(({ slug }) => slug);

/** The region of that slug, or the vendor's refusal, which names the field. */
export function requireRegion(slug: string, field = "region"): Region {
  const region = REGIONS.find((candidate) => candidate.slug === slug);
  if (region !== undefined) return region;
  throw unprocessable(
    `${field}: "${slug}" is not a region of the local cloud. Choose one of ${regionSlugs().join(", ")}.`,
  );
}
