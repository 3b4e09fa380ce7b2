/** Lines that a plugin shows in the engine's own display, while an operation runs. */
import { credentials } from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/engine_pb.js";
import type { Log } from "./definition.ts";

/** The way to the engine's log; without an address, lines go nowhere. */
export class EngineLog {
  #client: services.EngineClient | undefined;

  /** Takes the engine's address: its first argument to a plugin, or what it says in a handshake. */
  connect(address: string): void {
    if (address === "") return;
    this.#client?.close();
    this.#client = new services.EngineClient(address, credentials.createInsecure());
  }

  /** A log for one resource. A line that the engine does not take is no reason to fail. */
  at(urn: string): Log {
    return (message, { ephemeral = false } = {}) => {
      const request = new messages.LogRequest();
      request.setSeverity(messages.LogSeverity.INFO);
      request.setMessage(message);
      request.setUrn(urn);
      request.setEphemeral(ephemeral);
      this.#client?.log(request, () => {});
    };
  }
}

/** The engine's address among a plugin's arguments; flags may stand before it. */
export function engineAddress(args: readonly string[]): string {
  const rest = args.filter(
    (each, index) => !each.startsWith("-") && args[index - 1] !== "--tracing",
  );
  return rest[0] ?? "";
}
