import { regionSlugs } from "./regions.ts";

/** A distribution's image. */
export interface Image {
  readonly id: number;
  readonly name: string;
  readonly distribution: string;
  readonly slug: string;
  /** ISO 8601, UTC. */
  readonly created_at: string;
  /** Major version of the PostgreSQL in its package archive. */
  readonly postgres: string;
}

export const IMAGES: readonly Image[] = [
  {
    id: 195932981,
    name: "13 x64",
    distribution: "Debian",
    slug: "debian-13-x64",
    created_at: "2025-08-11T16:00:00Z",
    postgres: "17",
  },
  {
    id: 130244388,
    name: "12 x64",
    distribution: "Debian",
    slug: "debian-12-x64",
    created_at: "2023-06-13T19:00:00Z",
    postgres: "15",
  },
  {
    id: 155133621,
    name: "24.04 (LTS) x64",
    distribution: "Ubuntu",
    slug: "ubuntu-24-04-x64",
    created_at: "2024-05-01T15:00:00Z",
    postgres: "16",
  },
  {
    id: 129211873,
    name: "22.04 (LTS) x64",
    distribution: "Ubuntu",
    slug: "ubuntu-22-04-x64",
    created_at: "2023-03-20T16:00:00Z",
    postgres: "14",
  },
];

/** The image of that slug or number. */
export const findImage = (idOrSlug: string): Image | undefined =>
  IMAGES.find(({ id, slug }) => slug === idOrSlug || String(id) === idOrSlug);

export const describeImage = ({ postgres: _, ...image }: Image) => ({
  ...image,
  type: "base",
  public: true,
  regions: regionSlugs(),
  min_disk_size: 7,
  size_gigabytes: 2.5,
  description: `${image.distribution} ${image.name}`,
  tags: [],
  status: "available",
  error_message: "",
});
