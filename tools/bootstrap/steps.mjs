import { nodeStep } from "./node.mjs";
import { packagesStep } from "./packages.mjs";
import { postgresStep } from "./postgres.mjs";
import { programsStep } from "./programs.mjs";
import { pulumiStep } from "./pulumi.mjs";
import { runtimeStep } from "./runtime.mjs";

/**
 * Everything a bare machine needs, in order; a new requirement is one entry here and one file beside it.
 * @type {readonly import("./run.mjs").Step[]}
 */
export const STEPS = [nodeStep, packagesStep, runtimeStep, postgresStep, programsStep, pulumiStep];
