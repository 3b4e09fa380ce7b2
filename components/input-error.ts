import { RunError } from "@pulumi/pulumi/errors.js";

/** What a program's user can correct. Pulumi shows the message alone. */
export class InputError extends RunError {}
