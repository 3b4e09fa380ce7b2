/** Writes a failure for the operator into the Worker's log, which is its console. */
export function logError(fields: Readonly<Record<string, unknown>>): void {
  // biome-ignore lint/suspicious/noConsole: a Worker has no other log.
  console.error(JSON.stringify(fields));
}
