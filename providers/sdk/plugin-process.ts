/** A plugin as a process of the engine's: a gRPC server on a free port that ends with the engine. */
import {
  type handleUnaryCall,
  type Metadata,
  Server,
  ServerCredentials,
  status,
} from "@grpc/grpc-js";
import { ProviderError } from "./fault.ts";

/** How often an orphaned plugin looks whether its engine is gone, in milliseconds. */
const PARENT_CHECK_MS = 2000;

/** A server without a limit on what the engine sends: a program's assets travel in one message. */
export const pluginServer = (): Server =>
  new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });

/** Listens on a free loopback port, prints the port for the engine, and ends with the engine. */
export async function announce(server: Server): Promise<void> {
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  const parent = process.ppid;
  // An engine that was killed cannot stop its plugins.
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, PARENT_CHECK_MS).unref();
  // The engine runs plugins in a process group of their own and ends them by SIGINT; it waits five
  // seconds for one that does not go.
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(0));
  process.stdout.write(`${port}\n`);
}

/**
 * A method of the engine's protocol as a function that may fail.
 * @param detailsOf what the engine is told of an error beside its message.
 */
export function unary<Request, Response>(
  handle: (request: Request) => Promise<Response>,
  detailsOf: (error: unknown) => Metadata | undefined = () => undefined,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    handle(call.request).then(
      (response) => callback(null, response),
      (error: unknown) => {
        const metadata = detailsOf(error);
        const answer = { code: status.UNKNOWN, details: describeError(error) };
        callback(metadata === undefined ? answer : { ...answer, metadata });
      },
    );
  };
}

/** Expected errors as they are; a defect with its place, as there is nothing else to go by. */
function describeError(error: unknown): string {
  if (error instanceof ProviderError) return error.message;
  if (error instanceof Error) return error.stack ?? error.message;
  return String(error);
}
