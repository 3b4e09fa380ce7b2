/** Property table of a Worker script: what this plugin supports of `cloudflare.WorkersScript`. */
import type { Properties } from "../../../../providers/sdk/properties.ts";
import { accountId } from "../resources/shared.ts";

const optionalString = (doc: string) => ({ type: "string", mode: "optional", doc }) as const;

/** One binding; which fields apply depends on its type. */
export const binding = {
  name: { type: "string", mode: "required", doc: "A JavaScript variable name for the binding." },
  type: {
    type: "string",
    mode: "required",
    values: [
      "ai",
      "d1",
      "hyperdrive",
      "json",
      "kv_namespace",
      "plain_text",
      "queue",
      "r2_bucket",
      "secret_text",
      "service",
    ],
    doc: "The kind of resource that the binding provides.",
  },
  bucketName: optionalString("R2 bucket to bind to."),
  databaseId: optionalString("Identifier of the D1 database to bind to."),
  entrypoint: optionalString("Entrypoint to invoke on the target Worker."),
  environment: optionalString("Environment of the target Worker."),
  id: optionalString("Identifier of the D1 database or Hyperdrive configuration to bind to."),
  json: optionalString("JSON data to use."),
  jurisdiction: optionalString("The jurisdiction of the R2 bucket."),
  namespaceId: optionalString("Namespace identifier tag."),
  queueName: optionalString("Name of the Queue to bind to."),
  service: optionalString("Name of Worker to bind to."),
  text: optionalString("The text value to use."),
} as const satisfies Properties;

const sampling = {
  type: "number",
  mode: "inherited",
  doc: "Sampling rate from 0 to 1.",
} as const;

/** The whole table. */
export const workersScriptProperties = {
  accountId,
  scriptName: {
    type: "string",
    mode: "required",
    replace: true,
    doc: "Name of the script, used in URLs and route configuration.",
  },
  mainModule: {
    type: "string",
    mode: "required",
    doc: "Name of the uploaded file that contains the main module.",
  },
  content: optionalString("Module contents of the Worker. Conflicts with `contentFile`."),
  contentFile: {
    type: "string",
    mode: "optional",
    silent: true,
    doc: "Path to a file containing the module contents. Conflicts with `content`; needs `contentSha256`.",
  },
  contentSha256: optionalString("SHA-256 of the Worker's contents; required with `contentFile`."),
  compatibilityDate: {
    type: "string",
    mode: "inherited",
    doc: "Date indicating targeted support in the Workers runtime.",
  },
  compatibilityFlags: {
    type: { array: "string" },
    mode: "optional",
    unset: [],
    doc: "Flags that enable or disable certain features in the Workers runtime.",
  },
  bindings: {
    type: { array: { object: binding } },
    mode: "optional",
    unset: [],
    doc: "Bindings attached to the Worker.",
  },
  annotations: {
    type: {
      object: {
        workersMessage: optionalString("Human-readable message about the version."),
        workersTag: optionalString("User-provided identifier for the version."),
        workersTriggeredBy: {
          type: "string",
          mode: "output",
          doc: "The trigger that created this version.",
        },
      },
    },
    mode: "inherited",
    doc: "Annotations for the version created by this upload.",
  },
  keepBindings: {
    type: { array: "string" },
    mode: "optional",
    doc: "Binding types to keep from the previous upload.",
  },
  limits: {
    type: {
      object: {
        cpuMs: { type: "integer", mode: "optional", doc: "CPU time in milliseconds." },
      },
    },
    mode: "inherited",
    doc: "Limits to apply for this Worker.",
  },
  logpush: {
    type: "boolean",
    mode: "optional",
    unset: false,
    doc: "Whether Logpush is turned on for the Worker.",
  },
  observability: {
    type: {
      object: {
        enabled: { type: "boolean", mode: "required", doc: "Whether observability is enabled." },
        headSamplingRate: sampling,
        logs: {
          type: {
            object: {
              enabled: { type: "boolean", mode: "required", doc: "Whether logs are enabled." },
              headSamplingRate: sampling,
              invocationLogs: {
                type: "boolean",
                mode: "required",
                doc: "Whether invocation logs are enabled.",
              },
              persist: { type: "boolean", mode: "inherited", doc: "Whether logs are kept." },
            },
          },
          mode: "inherited",
          doc: "Log settings for the Worker.",
        },
      },
    },
    mode: "optional",
    unset: { enabled: false },
    doc: "Observability settings for the Worker.",
  },
  placement: {
    type: {
      object: {
        mode: { type: "string", mode: "optional", values: ["smart"], doc: "Smart Placement." },
      },
    },
    mode: "optional",
    unset: {},
    doc: "Configuration for Smart Placement.",
  },
  tailConsumers: {
    type: {
      array: {
        object: {
          service: { type: "string", mode: "required", doc: "Name of the consuming Worker." },
          environment: optionalString("Environment of the consumer."),
          namespace: optionalString("Dispatch namespace of the consumer."),
        },
      },
    },
    mode: "optional",
    unset: [],
    doc: "Workers that consume logs from this Worker.",
  },
  createdOn: { type: "string", mode: "output", doc: "When the script was created." },
  etag: { type: "string", mode: "output", volatile: true, doc: "Hash of the script's content." },
  handlers: {
    type: { array: "string" },
    mode: "output",
    volatile: true,
    doc: "Handlers exported by the main module.",
  },
  hasAssets: { type: "boolean", mode: "output", doc: "Whether the Worker has assets." },
  hasModules: { type: "boolean", mode: "output", doc: "Whether the Worker has modules." },
  lastDeployedFrom: {
    type: "string",
    mode: "output",
    volatile: true,
    doc: "The client most recently used to deploy this Worker.",
  },
  modifiedOn: {
    type: "string",
    mode: "output",
    volatile: true,
    // Its route at workers.dev, a resource of its own, modifies it too.
    incidental: true,
    doc: "When the script was last modified.",
  },
  startupTimeMs: {
    type: "integer",
    mode: "output",
    volatile: true,
    doc: "Start-up time in milliseconds.",
  },
  usageModel: {
    type: "string",
    mode: "inherited",
    values: ["standard", "bundled", "unbound"],
    doc: "Usage model for the Worker invocations.",
  },
} as const satisfies Properties;
