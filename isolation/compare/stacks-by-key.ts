const FIRST_CAPACITY = 1024;
/** Share of the slots that are taken before there are more. */
const FULL = 0.8;
const GROWTH = 1.5;
/** A value from here on is the number of a list of stacks; 0 is a free slot, below it a stack. */
const LISTS = 2 ** 31;

/**
 * Which stacks have a key, by their numbers. Of a key it keeps a hash of 53 bits and no text: twelve
 * bytes instead of about a hundred. So it may name a stack too many, about once in a thousand
 * comparisons of a million keys, and whoever asks looks into the manifests; never one too few.
 */
export class StacksByKey {
  #hashes = new Float64Array(FIRST_CAPACITY);
  #values = new Uint32Array(FIRST_CAPACITY);
  #taken = 0;
  readonly #lists: number[][] = [];

  /** @param stack not below that of any earlier call */
  add(key: string, stack: number): void {
    const hash = hashOf(key);
    const slot = this.#slotOf(hash);
    const value = this.#values[slot] ?? 0;
    const list = this.#lists[value - LISTS];
    if (value === 0) this.#take(slot, hash, stack + 1);
    else if (list !== undefined) {
      if (list.at(-1) !== stack) list.push(stack);
    } else if (value !== stack + 1) {
      this.#values[slot] = LISTS + this.#lists.push([value - 1, stack]) - 1;
    }
  }

  /** In ascending order. */
  of(key: string): readonly number[] {
    const value = this.#values[this.#slotOf(hashOf(key))] ?? 0;
    if (value === 0) return [];
    return this.#lists[value - LISTS] ?? [value - 1];
  }

  /** Stacks that have a key in common with another one. */
  sharing(): ReadonlySet<number> {
    return new Set(this.#lists.flat());
  }

  /** The slot of a hash, or the free one where it belongs. */
  #slotOf(hash: number): number {
    const { length } = this.#hashes;
    let slot = hash % length;
    while (this.#values[slot] !== 0 && this.#hashes[slot] !== hash) slot = (slot + 1) % length;
    return slot;
  }

  #take(slot: number, hash: number, value: number): void {
    this.#hashes[slot] = hash;
    this.#values[slot] = value;
    this.#taken += 1;
    if (this.#taken > this.#hashes.length * FULL) this.#grow();
  }

  #grow(): void {
    const [hashes, values] = [this.#hashes, this.#values];
    const capacity = Math.floor(hashes.length * GROWTH);
    this.#hashes = new Float64Array(capacity);
    this.#values = new Uint32Array(capacity);
    for (const [at, value] of values.entries()) {
      if (value === 0) continue;
      const hash = hashes[at] ?? 0;
      const slot = this.#slotOf(hash);
      this.#hashes[slot] = hash;
      this.#values[slot] = value;
    }
  }
}

/** 53 bits of a text: two streams of multiplications in the manner of MurmurHash. */
function hashOf(text: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 0x9e3779b1);
    low = Math.imul(low ^ code, 0x5f356495);
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  return 2 ** 21 * (high >>> 0) + (low >>> 11);
}
