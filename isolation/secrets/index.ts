export { createFingerprinter, type Fingerprinter } from "./fingerprinter.ts";
export { saltId, saltProblem } from "./salt.ts";
export { estimateBits } from "./strength.ts";
