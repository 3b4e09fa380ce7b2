/*
 * Imported for its effect, first in the program. Pulumi maps stack traces to its own TypeScript
 * sources, at paths such as `node_modules/@pulumi/errors.ts`; since 22.22 Node's formatter never comes
 * to the end of such a line, and any mistake in a program took 20 s and more to be reported. Node runs
 * this program's TypeScript as it is, so its own traces are right.
 */
Reflect.deleteProperty(Error, "prepareStackTrace");
