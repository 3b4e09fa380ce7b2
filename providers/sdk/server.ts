/** gRPC server of a provider plugin: Pulumi's protocol ⇄ {@link Provider}. */
import { Metadata, status } from "@grpc/grpc-js";
import type { PluginAttach } from "@pulumi/pulumi/proto/plugin_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type {
  CheckRequest,
  ConfigureRequest,
  CreateRequest,
  DeleteRequest,
  DiffRequest,
  InvokeRequest,
  ProviderHandshakeRequest,
  ReadRequest,
  UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import statuses from "@pulumi/pulumi/proto/status_pb.js";
import anys from "google-protobuf/google/protobuf/any_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import type { Naming } from "./autoname.ts";
import type { CheckFailure, CheckResult } from "./check.ts";
import { decodeMap, encodeMap, type WireMap } from "./codec.ts";
import type { ProviderDefinition } from "./definition.ts";
import type { Change } from "./diff.ts";
import { engineAddress } from "./engine-log.ts";
import { packageSchema } from "./package-schema.ts";
import { announce, pluginServer, unary } from "./plugin-process.ts";
import { type DiffResult, InitFailed, type OperationOptions, Provider } from "./provider.ts";
import { parseUrn } from "./target.ts";
import type { PropertyMap } from "./values.ts";

/**
 * Runs a provider as a plugin process.
 */
export async function servePlugin<Client>(definition: ProviderDefinition<Client>): Promise<void> {
  const server = pluginServer();
  const provider = new Provider(definition);
  provider.log.connect(engineAddress(process.argv.slice(2)));
  server.addService(services.ResourceProviderService, handlers(provider));
  await announce(server);
}

function handlers<Client>(provider: Provider<Client>) {
  const { definition } = provider;
  return {
    handshake: unary(async (request: ProviderHandshakeRequest) => {
      provider.log.connect(request.getEngineAddress());
      const response = new messages.ProviderHandshakeResponse();
      response.setAcceptSecrets(true);
      response.setAcceptResources(true);
      response.setAcceptOutputs(true);
      return response;
    }),
    attach: unary(async (request: PluginAttach) => {
      provider.log.connect(request.getAddress());
      return new empties.Empty();
    }),
    cancel: unary(async () => {
      provider.connection.cancel();
      return new empties.Empty();
    }),
    getPluginInfo: unary(async () => {
      const info = new plugin.PluginInfo();
      info.setVersion(definition.version);
      return info;
    }),
    getSchema: unary(async () => {
      const response = new messages.GetSchemaResponse();
      response.setSchema(JSON.stringify(packageSchema(definition)));
      return response;
    }),
    checkConfig: unary(async (request: CheckRequest) =>
      checkResponse(provider.checkConfig(read(request.getNews()))),
    ),
    diffConfig: unary(async (request: DiffRequest) =>
      diffResponse(
        provider.diffConfig(
          read(request.getOldInputs() ?? request.getOlds()),
          read(request.getNews()),
        ),
      ),
    ),
    configure: unary(async (request: ConfigureRequest) => {
      provider.connection.configure(read(request.getArgs()));
      const response = new messages.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setAcceptresources(true);
      response.setAcceptoutputs(true);
      response.setSupportspreview(true);
      return response;
    }),
    check: unary(async (request: CheckRequest) =>
      checkResponse(
        provider.check(
          parseUrn(request.getUrn()),
          read(request.getOlds()),
          read(request.getNews()),
          namingOf(request),
        ),
      ),
    ),
    diff: unary(async (request: DiffRequest) => {
      const target = parseUrn(request.getUrn());
      await provider.settle(target, request.getId());
      return diffResponse(
        provider.diff(
          target,
          read(request.getOldInputs() ?? request.getOlds()),
          read(request.getOlds()),
          read(request.getNews()),
        ),
      );
    }),
    create: unary(async (request: CreateRequest) => {
      const target = parseUrn(request.getUrn());
      const inputs = read(request.getProperties());
      const result = await provider.create(target, inputs, optionsOf(request));
      const response = new messages.CreateResponse();
      response.setId(result.id);
      response.setProperties(write(result.outputs));
      return response;
    }, initFailure),
    read: unary(async (request: ReadRequest) => {
      const target = parseUrn(request.getUrn());
      await provider.settle(target, request.getId());
      const result = await provider.read(
        target,
        request.getId(),
        read(request.getInputs()),
        read(request.getProperties()),
      );
      const response = new messages.ReadResponse();
      response.setId(result.id);
      if (result.id !== "") {
        response.setProperties(write(result.outputs));
        response.setInputs(write(result.inputs));
      }
      return response;
    }, initFailure),
    update: unary(async (request: UpdateRequest) => {
      const outputs = await provider.update(
        parseUrn(request.getUrn()),
        request.getId(),
        {
          inputs: read(request.getOldInputs() ?? request.getOlds()),
          state: read(request.getOlds()),
        },
        read(request.getNews()),
        optionsOf(request),
      );
      const response = new messages.UpdateResponse();
      response.setProperties(write(outputs));
      return response;
    }, initFailure),
    delete: unary(async (request: DeleteRequest) => {
      const target = parseUrn(request.getUrn());
      await provider.settle(target, request.getId());
      const state = read(request.getProperties());
      await provider.delete(target, request.getId(), state, { timeoutMs: timeoutOf(request) });
      return new empties.Empty();
    }),
    invoke: unary(async (request: InvokeRequest) => {
      const result = await provider.invoke(request.getTok(), read(request.getArgs()));
      const response = new messages.InvokeResponse();
      response.setReturn(write(result.outputs));
      response.setFailuresList(result.failures.map(failureMessage));
      return response;
    }),
  };
}

function read(struct: Struct | undefined): PropertyMap {
  return struct === undefined ? {} : decodeMap(struct.toJavaScript() as WireMap);
}

function write(map: PropertyMap): Struct {
  return structs.Struct.fromJavaScript(
    encodeMap(map) as unknown as Parameters<typeof structs.Struct.fromJavaScript>[0],
  );
}

function optionsOf(request: CreateRequest | UpdateRequest): OperationOptions {
  return { preview: request.getPreview(), timeoutMs: timeoutOf(request) };
}

/** The engine gives seconds, and zero for a program that says nothing. */
function timeoutOf(request: CreateRequest | UpdateRequest | DeleteRequest): number | undefined {
  const seconds = request.getTimeout();
  return seconds > 0 ? seconds * 1000 : undefined;
}

function namingOf(request: CheckRequest): Naming {
  const { Mode } = messages.CheckRequest.AutonamingOptions;
  const options = request.getAutonaming();
  const modes = { [Mode.PROPOSE]: "propose", [Mode.ENFORCE]: "enforce", [Mode.DISABLE]: "disable" };
  return {
    seed: request.getRandomseed_asU8(),
    proposed: options?.getProposedName() || undefined,
    mode: (modes[options?.getMode() ?? Mode.PROPOSE] ?? "propose") as Naming["mode"],
  };
}

/**
 * Tells the engine to keep a resource that is not ready. Source: `parseError` in pulumi/pulumi
 * `sdk/go/common/resource/plugin/provider_plugin.go`.
 */
function initFailure(error: unknown): Metadata | undefined {
  if (!(error instanceof InitFailed)) return undefined;
  const { id, inputs, outputs } = error.result;
  const failure = new messages.ErrorResourceInitFailed();
  failure.setId(id);
  failure.setProperties(write(outputs));
  failure.setInputs(write(inputs));
  failure.setReasonsList([error.message]);
  const detail = new anys.Any();
  detail.pack(failure.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const answer = new statuses.Status();
  answer.setCode(status.UNKNOWN);
  answer.setMessage(error.message);
  answer.addDetails(detail);
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(answer.serializeBinary()));
  return metadata;
}

function checkResponse(result: CheckResult) {
  const response = new messages.CheckResponse();
  response.setInputs(write(result.inputs));
  response.setFailuresList(result.failures.map(failureMessage));
  return response;
}

function failureMessage(failure: CheckFailure) {
  const message = new messages.CheckFailure();
  message.setProperty(failure.property);
  message.setReason(failure.reason);
  return message;
}

function diffResponse(result: DiffResult) {
  const { DiffChanges } = messages.DiffResponse;
  const response = new messages.DiffResponse();
  const roots = new Set(result.changes.map((change) => change.path.split(/[.[]/, 1)[0] ?? ""));
  const replaced = result.changes.filter((change) => change.replace);
  response.setChanges(result.changes.length > 0 ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE);
  response.setDiffsList([...roots]);
  response.setReplacesList(replaced.map((change) => change.path));
  response.setDeletebeforereplace(result.deleteBeforeReplace);
  response.setHasdetaileddiff(true);
  for (const change of result.changes)
    response.getDetaileddiffMap().set(change.path, propertyDiff(change));
  return response;
}

function propertyDiff(change: Change) {
  const { Kind } = messages.PropertyDiff;
  const kinds = {
    add: [Kind.ADD, Kind.ADD_REPLACE],
    delete: [Kind.DELETE, Kind.DELETE_REPLACE],
    update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
  } as const;
  const difference = new messages.PropertyDiff();
  difference.setKind(kinds[change.kind][change.replace ? 1 : 0]);
  difference.setInputdiff(true);
  return difference;
}
