/** The engine's log: how a pack tells the user what is no violation. */
import { credentials } from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/engine_pb.js";

/** A way to write a line into the output of `pulumi preview` and `pulumi up`. */
export type EngineLog = (message: string) => Promise<void>;

/** @param address `host:port` of the engine; it is the first argument of a plugin. */
export function connectEngineLog(address: string): EngineLog {
  const client = new services.EngineClient(address, credentials.createInsecure());
  return (message) =>
    new Promise((resolve) => {
      const request = new messages.LogRequest();
      request.setSeverity(messages.LogSeverity.INFO);
      request.setMessage(message);
      // A note that cannot be delivered is not worth failing a deployment for.
      client.log(request, () => resolve());
    });
}
