/** AWS SDK commands as functions, with only the commands that are named, so that bundles stay small. */

interface AnyCommand {
  readonly input: object;
  resolveMiddleware(
    stack: never,
    configuration: never,
    options: never,
  ): (args: never) => Promise<{ readonly output: object }>;
}
type CommandClass = new (input: never) => AnyCommand;
type OutputOf<C extends AnyCommand> = Awaited<
  ReturnType<ReturnType<C["resolveMiddleware"]>>
>["output"];

/** One function per command, under the command's name in the API. */
export type Operations<Classes extends { readonly [name: string]: CommandClass }> = {
  readonly [K in keyof Classes]: (
    input: InstanceType<Classes[K]>["input"],
  ) => Promise<OutputOf<InstanceType<Classes[K]>>>;
};

/** Makes a client's functions. */
export function operations<const Classes extends { readonly [name: string]: CommandClass }>(
  client: { send(command: never): Promise<unknown> },
  classes: Classes,
): Operations<Classes> {
  const entries = Object.entries(classes).map(([name, Command]) => [
    name,
    (input: object) => client.send(new Command(input as never) as never),
  ]);
  return Object.fromEntries(entries) as Operations<Classes>;
}
