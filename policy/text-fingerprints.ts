import type { Observation, TextFact } from "../isolation/observation.ts";
import type { Fingerprinter } from "../isolation/secrets/index.ts";
import { announcesSecret, variableName } from "./secret-names.ts";

/** Characters. Nobody guesses a longer text, so that the slow fingerprint is not needed for it. */
const LONGEST_GUESSABLE = 128;

/** By fingerprinter: a text is the same in every resource and in every run of the rules. */
const stores = new WeakMap<Fingerprinter, TextFingerprints>();

/** Fingerprints of what stands in plain texts, to be compared with those of secrets. */
export class TextFingerprints {
  readonly #fingerprinter: Fingerprinter;
  readonly #guessable = new Map<string, readonly string[]>();
  readonly #prepared = new WeakSet<Observation>();

  private constructor(fingerprinter: Fingerprinter) {
    this.#fingerprinter = fingerprinter;
  }

  /** Ready for the texts of these observations. */
  static async for(
    observations: readonly Observation[],
    fingerprinter: Fingerprinter,
  ): Promise<TextFingerprints> {
    const store = stores.get(fingerprinter) ?? new TextFingerprints(fingerprinter);
    stores.set(fingerprinter, store);
    for (const observation of observations) await store.#prepare(observation);
    return store;
  }

  /** Of everything in the text that could be a secret which nobody can guess. */
  of(text: string): readonly string[] {
    return this.#fingerprinter.text(text);
  }

  /** {@link of}, and where a secret is to be expected those of a weak one too. */
  at({ text }: TextFact): readonly string[] {
    return [...this.of(text), ...(this.#guessable.get(text) ?? [])];
  }

  async #prepare(observation: Observation): Promise<void> {
    if (this.#prepared.has(observation)) return;
    this.#prepared.add(observation);
    for (const { path, text } of observation.texts) {
      if (text.length > LONGEST_GUESSABLE || this.#guessable.has(text)) continue;
      if (announcesSecret(variableName(observation.resource, path)))
        this.#guessable.set(text, await this.#fingerprinter.guessable(text));
    }
  }
}
