import { invalidValue } from "./protocol/errors.ts";

/** One page of a list; `next` is absent on the last. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/** Up to `size` items from where `marker`, the `next` of the page before, says. All without a size. */
export function pageOf<T>(
  items: readonly T[],
  { size, marker }: { readonly size?: number | undefined; readonly marker?: string | undefined },
): Page<T> {
  const start = marker === undefined || marker === "" ? 0 : positionOf(marker);
  const end = size === undefined ? items.length : start + size;
  return { items: items.slice(start, end), next: end < items.length ? markerOf(end) : undefined };
}

const markerOf = (position: number) => Buffer.from(`position:${position}`).toString("base64url");

function positionOf(marker: string): number {
  const position = /^position:(\d+)$/.exec(Buffer.from(marker, "base64url").toString())?.[1];
  if (position === undefined)
    throw invalidValue("The marker is not one that a list was answered with.");
  return Number(position);
}
