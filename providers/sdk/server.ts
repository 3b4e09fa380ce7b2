/** gRPC server of a provider plugin: Pulumi's protocol ⇄ {@link Provider}. */
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type {
  CheckRequest,
  ConfigureRequest,
  CreateRequest,
  DeleteRequest,
  DiffRequest,
  InvokeRequest,
  ReadRequest,
  UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import type { CheckFailure, CheckResult } from "./check.ts";
import { decodeMap, encodeMap, type WireMap } from "./codec.ts";
import type { ProviderDefinition } from "./definition.ts";
import type { Change } from "./diff.ts";
import { packageSchema } from "./package-schema.ts";
import { announce, pluginServer, unary } from "./plugin-process.ts";
import { type DiffResult, Provider } from "./provider.ts";
import { parseUrn } from "./target.ts";
import type { PropertyMap } from "./values.ts";

/**
 * Runs a provider as a plugin process.
 */
export async function servePlugin<Client>(definition: ProviderDefinition<Client>): Promise<void> {
  const server = pluginServer();
  server.addService(services.ResourceProviderService, handlers(new Provider(definition)));
  await announce(server);
}

function handlers<Client>(provider: Provider<Client>) {
  const { definition } = provider;
  return {
    handshake: unary(async () => {
      const response = new messages.ProviderHandshakeResponse();
      response.setAcceptSecrets(true);
      response.setAcceptResources(true);
      response.setAcceptOutputs(true);
      return response;
    }),
    attach: unary(async () => new empties.Empty()),
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
      const result = await provider.create(target, inputs, request.getPreview());
      const response = new messages.CreateResponse();
      response.setId(result.id);
      response.setProperties(write(result.outputs));
      return response;
    }),
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
    }),
    update: unary(async (request: UpdateRequest) => {
      const outputs = await provider.update(
        parseUrn(request.getUrn()),
        request.getId(),
        {
          inputs: read(request.getOldInputs() ?? request.getOlds()),
          state: read(request.getOlds()),
        },
        read(request.getNews()),
        request.getPreview(),
      );
      const response = new messages.UpdateResponse();
      response.setProperties(write(outputs));
      return response;
    }),
    delete: unary(async (request: DeleteRequest) => {
      const target = parseUrn(request.getUrn());
      await provider.settle(target, request.getId());
      await provider.delete(target, request.getId(), read(request.getProperties()));
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
