/** What a droplet has and costs; the numbers are the vendor's. */
export interface Size {
  readonly slug: string;
  readonly description: string;
  /** MiB. */
  readonly memory: number;
  readonly vcpus: number;
  /** GiB. */
  readonly disk: number;
  /** TiB a month. */
  readonly transfer: number;
  /** US dollars. */
  readonly price_monthly: number;
  readonly price_hourly: number;
}

const HOURS_A_MONTH = 672;

const size = (
  slug: string,
  [memory, vcpus, disk, transfer, price]: readonly [number, number, number, number, number],
): Size => ({
  slug,
  description: slug.startsWith("s-") ? "Basic" : "General Purpose",
  memory,
  vcpus,
  disk,
  transfer,
  price_monthly: price,
  price_hourly: Number((price / HOURS_A_MONTH).toFixed(5)),
});

/** Memory, processors, disk, transfer and monthly price by slug. */
export const SIZES: readonly Size[] = [
  size("s-1vcpu-512mb-10gb", [512, 1, 10, 0.5, 4]),
  size("s-1vcpu-1gb", [1024, 1, 25, 1, 6]),
  size("s-1vcpu-2gb", [2048, 1, 50, 2, 12]),
  size("s-2vcpu-2gb", [2048, 2, 60, 3, 18]),
  size("s-2vcpu-4gb", [4096, 2, 80, 4, 24]),
  size("s-4vcpu-8gb", [8192, 4, 160, 5, 48]),
  size("s-8vcpu-16gb", [16384, 8, 320, 6, 96]),
  size("g-2vcpu-8gb", [8192, 2, 25, 4, 63]),
];

export const findSize = (slug: string): Size | undefined =>
  SIZES.find((candidate) => candidate.slug === slug);
