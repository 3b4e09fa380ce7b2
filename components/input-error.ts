import { RunError } from "@pulumi/pulumi/errors.js";

/** What a program's user can correct. Pulumi shows the message alone. */
export class InputError extends RunError {
  constructor(message: string) {
    super(message);
    // Pulumi formats the stack before it hides it, and Node 22.22 and later never come to the end of
    // the frame that RunError adds (`node_modules/@pulumi/errors.ts`): a wrong value took 20 s to report.
    this.stack = `InputError: ${message}`;
  }
}
