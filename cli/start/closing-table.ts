import { type Estate, localUrl, type SystemEstate } from "../estate.ts";

export const CLOSING_HEAD = ["System", "Environment", "URL", "Database", "Bucket", "Secrets"];

/** One row for each system in each environment: what exists, and where. */
export function closingRows(estates: readonly Estate[], apiUrl: string): string[][] {
  const systems = [...new Set(estates.flatMap((estate) => Object.keys(estate.systems)))];
  return systems.flatMap((system) =>
    estates.flatMap(({ environment, systems: declared }) => {
      const resources = declared[system];
      if (resources === undefined) return [];
      const name =
        resources.label === undefined ? environment : `${environment} (${resources.label})`;
      return [[system, name, ...cells(resources, apiUrl)]];
    }),
  );
}

function cells(resources: SystemEstate, apiUrl: string): string[] {
  const cell = (lines: readonly string[]) => lines.join("\n") || "-";
  return [
    cell(Object.values(resources.urls).map((url) => localUrl(url, apiUrl))),
    cell([
      ...Object.values(resources.databases).map(({ name, id }) => `${name}\n${id}`),
      ...servers("postgres", resources.postgres),
      ...servers("redis", resources.redis),
    ]),
    cell(Object.values(resources.buckets).map(({ name }) => name)),
    cell(
      Object.entries(resources.secrets).map(([name, { set, length, version }]) =>
        set ? `${name} set, ${length} characters, version ${version}` : `${name} NOT SET`,
      ),
    ),
  ];
}

const servers = (kind: string, all: SystemEstate["postgres"]): string[] =>
  Object.values(all).map(({ vendor, host, port }) => `${kind} (${vendor})\n${host}:${port}`);
