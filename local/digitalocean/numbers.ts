import type { VendorContext } from "../vendor-context.ts";

const ROOT = "root";
const LAST = "last";
/** Numbers begin where they look like the vendor's. */
const FIRST = 500_000_001;

/** A number that nothing else at this vendor has or will have: droplets, actions, SSH keys. */
export function nextNumber({ store }: VendorContext): number {
  const numbers = store.collection<{ readonly last: number }>("do-number");
  const last = numbers.get(ROOT, LAST)?.body.last;
  if (last === undefined) {
    numbers.insert(ROOT, { id: LAST, name: LAST, body: { last: FIRST } });
    return FIRST;
  }
  numbers.update(ROOT, LAST, { body: { last: last + 1 } });
  return last + 1;
}
