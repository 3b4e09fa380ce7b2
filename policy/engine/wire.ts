/** The engine's messages as facts. */
import type {
  AnalyzeRequest,
  AnalyzerProviderResource,
  AnalyzerResource,
  AnalyzerStackConfigureRequest,
} from "@pulumi/pulumi/proto/analyzer_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import {
  type FactMap,
  type FactValue,
  type ProviderFact,
  type ResourceFact,
  Secret,
  type StackName,
  UNKNOWN,
} from "../../isolation/facts.ts";
import { decodeMap, type WireMap } from "../../providers/sdk/codec.ts";
import {
  Asset,
  isEngineKey,
  isMap,
  OutputValue,
  type PropertyMap,
  type PropertyValue,
  ResourceReference,
  Secret as SecretProperty,
  Unknown,
} from "../../providers/sdk/values.ts";

/** Default providers are made by the engine itself. */
const DEFAULT_PROVIDER = /^urn:pulumi:[^:]*::[^:]*::pulumi:providers:[^:]*::default(_|$)/;

export const isDefaultProvider = (urn: string): boolean => DEFAULT_PROVIDER.test(urn);

/** What the engine says of a run before it begins. */
export interface RunFacts extends StackName {
  readonly preview: boolean;
  readonly config: FactMap;
}

/** The stack, its configuration with secrets marked, and whether this is a preview. */
export function readRun(request: AnalyzerStackConfigureRequest): RunFacts {
  const secretKeys = new Set(request.getConfigSecretKeysList());
  const config = [...request.getConfigMap().entries()].map(([key, value]): [string, FactValue] => [
    key,
    secretKeys.has(key) ? new Secret(value) : value,
  ]);
  return {
    organization: request.getOrganization() || undefined,
    project: request.getProject(),
    stack: request.getStack(),
    preview: request.getDryRun(),
    config: Object.fromEntries(config),
  };
}

/** A resource as the program registered it; only its inputs are known. */
export function readAnnounced(request: AnalyzeRequest): ResourceFact {
  const provider = request.getProvider();
  return {
    urn: request.getUrn(),
    type: request.getType(),
    name: request.getName(),
    parent: request.getOptions()?.getParent() || undefined,
    custom: provider !== undefined || isBuiltIn(request.getType()),
    external: false,
    inputs: readStruct(request.getProperties()),
    outputs: {},
    protect: request.getOptions()?.getProtect() ?? false,
    provider: provider && readProvider(provider),
  };
}

/** A resource as it is at the end of a run: its outputs, and no longer its inputs. */
export function readFinal(resource: AnalyzerResource): ResourceFact {
  const provider = resource.getProvider();
  return {
    urn: resource.getUrn(),
    type: resource.getType(),
    name: resource.getName(),
    parent: resource.getParent() || undefined,
    custom: provider !== undefined || isBuiltIn(resource.getType()),
    external: false,
    inputs: {},
    outputs: readStruct(resource.getProperties()),
    protect: resource.getOptions()?.getProtect() ?? false,
    provider: provider && readProvider(provider),
  };
}

/** The engine's own types have no provider: providers, stack references. */
const isBuiltIn = (type: string): boolean => type.startsWith("pulumi:");

function readProvider(provider: AnalyzerProviderResource): ProviderFact {
  return {
    urn: provider.getUrn(),
    type: provider.getType(),
    name: provider.getName(),
    inputs: readStruct(provider.getProperties()),
  };
}

function readStruct(struct: Struct | undefined): FactMap {
  return struct === undefined ? {} : factMap(decodeMap(struct.toJavaScript() as WireMap));
}

function factMap(map: PropertyMap): FactMap {
  return Object.fromEntries(
    Object.entries(map)
      .filter(([key]) => !isEngineKey(key))
      .map(([key, value]) => [key, factValue(value)]),
  );
}

function factValue(value: PropertyValue): FactValue {
  if (value instanceof Unknown) return UNKNOWN;
  if (value instanceof SecretProperty) return new Secret(factValue(value.value));
  if (value instanceof OutputValue) {
    const inner = value.value === undefined ? UNKNOWN : factValue(value.value);
    return value.secret ? new Secret(inner) : inner;
  }
  if (value instanceof Asset || value instanceof ResourceReference) return factMap(value.fields);
  if (Array.isArray(value)) return value.map(factValue);
  if (isMap(value)) return factMap(value as PropertyMap);
  return value as FactValue;
}
