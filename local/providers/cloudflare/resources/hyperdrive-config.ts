import type { ConfigGetResponse } from "cloudflare/resources/hyperdrive/configs";
import { conflictOn, orMissing } from "../../../../providers/cloudflare-api/fault.ts";
import type { InputsOf, Properties, StateOf } from "../../../../providers/sdk/properties.ts";
import { isMap, type PropertyMap, Secret, Unknown } from "../../../../providers/sdk/values.ts";
import { present } from "../../present.ts";
import { accountOf, splitId } from "../ids.ts";
import { accountId, define } from "./shared.ts";

/** Hyperdrive's code for a name that is taken. */
const NAME_TAKEN = [2017];

const properties = {
  accountId,
  name: { type: "string", mode: "required", doc: "Name of the configuration." },
  origin: {
    type: {
      object: {
        scheme: {
          type: "string",
          mode: "required",
          values: ["postgres", "postgresql"],
          doc: "The database's protocol.",
        },
        host: { type: "string", mode: "required", doc: "Host name or address of the database." },
        port: { type: "integer", mode: "optional", unset: 5432, doc: "Port of the database." },
        database: { type: "string", mode: "required", doc: "Name of the database." },
        user: { type: "string", mode: "required", doc: "User of the database." },
        password: {
          type: "string",
          mode: "required",
          doc: "The user's password, which the API never gives back.",
        },
      },
    },
    mode: "required",
    doc: "The database.",
  },
  caching: {
    type: {
      object: {
        disabled: {
          type: "boolean",
          mode: "optional",
          unset: false,
          doc: "Whether answers are not cached.",
        },
        maxAge: {
          type: "integer",
          mode: "inherited",
          doc: "How long answers are kept, in seconds.",
        },
        staleWhileRevalidate: {
          type: "integer",
          mode: "inherited",
          doc: "How long an outdated answer may be given meanwhile, in seconds.",
        },
      },
    },
    mode: "optional",
    unset: { disabled: false },
    doc: "Caching of answers.",
  },
  mtls: {
    type: {
      object: {
        caCertificateId: {
          type: "string",
          mode: "optional",
          doc: "The uploaded certificate of the database's authority.",
        },
        mtlsCertificateId: {
          type: "string",
          mode: "optional",
          doc: "The uploaded certificate that the database is shown.",
        },
        sslmode: {
          type: "string",
          mode: "optional",
          unset: "require",
          values: ["require", "verify-ca", "verify-full"],
          doc: "How the database's certificate is verified.",
        },
      },
    },
    mode: "inherited",
    doc: "TLS to the database.",
  },
  originConnectionLimit: {
    type: "integer",
    mode: "inherited",
    doc: "How many connections to the database may be open at once.",
  },
  createdOn: { type: "string", mode: "output", doc: "When the configuration was made." },
  modifiedOn: {
    type: "string",
    mode: "output",
    volatile: true,
    doc: "When the configuration was changed.",
  },
  restartedOn: { type: "string", mode: "output", doc: "When its connections were restarted." },
} as const satisfies Properties;

type Inputs = InputsOf<typeof properties>;
type State = StateOf<typeof properties>;

/** `cloudflare.HyperdriveConfig`. Source: https://developers.cloudflare.com/api/resources/hyperdrive/subresources/configs/ */
export const hyperdriveConfig = define({
  token: "cloudflare:index/hyperdriveConfig:HyperdriveConfig",
  title: "Hyperdrive configuration",
  doc: "A database that Workers reach through Hyperdrive. https://developers.cloudflare.com/hyperdrive/",
  identity: ["accountId", "name"],
  importFormat: "<account_id>/<hyperdrive_id>",
  properties,
  seal: sealPassword,
  parseImportId(id) {
    const parts = splitId(id, ["accountId", "hyperdriveId"]);
    return parts && { id: parts.hyperdriveId ?? "", state: { accountId: parts.accountId } };
  },
  async create({ client }, inputs) {
    const params = paramsOf(inputs);
    const made = await conflictOn(NAME_TAKEN, () => client.hyperdrive.configs.create(params));
    return live(made, inputs.origin);
  },
  async read({ client }, id, known) {
    const found = await orMissing(client.hyperdrive.configs.get(id, accountOf(known.state)));
    return found && live(found, known.state.origin ?? undefined);
  },
  async update({ client }, id, inputs) {
    return live(await client.hyperdrive.configs.update(id, paramsOf(inputs)), inputs.origin).state;
  },
  async delete({ client }, id, state) {
    await client.hyperdrive.configs.delete(id, accountOf(state));
  },
  async findExisting({ client }, inputs) {
    for await (const each of client.hyperdrive.configs.list(accountOf(inputs)))
      if (each.name === inputs.name)
        return {
          ...live(each, inputs.origin),
          createdAt: each.created_on ? new Date(each.created_on) : undefined,
        };
    return undefined;
  },
});

/** Marks the password, so that a program that forgot to cannot leak it. */
function sealPassword(inputs: PropertyMap): PropertyMap {
  const { origin } = inputs;
  if (!isMap(origin)) return inputs;
  const { password, ...rest } = origin as PropertyMap;
  if (password === undefined || password instanceof Secret || password instanceof Unknown)
    return inputs;
  return { ...inputs, origin: { ...rest, password: new Secret(password) } };
}

function paramsOf(inputs: Inputs) {
  const { name, mtls } = inputs;
  const { port = 5432, scheme, ...origin } = inputs.origin;
  return {
    ...accountOf(inputs),
    name,
    origin: { ...origin, port, scheme: scheme as "postgres" | "postgresql" },
    caching: cachingOf(inputs),
    ...present({
      mtls:
        mtls &&
        present({
          ca_certificate_id: mtls.caCertificateId,
          mtls_certificate_id: mtls.mtlsCertificateId,
          sslmode: mtls.sslmode,
        }),
      origin_connection_limit: inputs.originConnectionLimit,
    }),
  };
}

function cachingOf({ caching = {} }: Inputs) {
  if (caching.disabled) return { disabled: true as const };
  const ages = { max_age: caching.maxAge, stale_while_revalidate: caching.staleWhileRevalidate };
  return { disabled: false as const, ...present(ages) };
}

/** What the API says, with the password as it is known. */
function live(
  found: ConfigGetResponse,
  known: { readonly password?: string | null | undefined } | undefined,
): { id: string; state: State } {
  const { origin, caching, mtls } = found;
  return {
    id: found.id,
    state: {
      name: found.name,
      origin: {
        database: origin.database,
        scheme: origin.scheme,
        user: origin.user,
        host: "host" in origin ? origin.host : "",
        password: known?.password ?? "",
        ...("port" in origin ? { port: origin.port } : {}),
      },
      caching: {
        disabled: caching.disabled,
        ...present({
          maxAge: caching.max_age,
          staleWhileRevalidate: caching.stale_while_revalidate,
        }),
      },
      ...present({
        mtls:
          mtls &&
          present({
            caCertificateId: mtls.ca_certificate_id,
            mtlsCertificateId: mtls.mtls_certificate_id,
            sslmode: mtls.sslmode,
          }),
        originConnectionLimit: found.origin_connection_limit,
        createdOn: found.created_on,
        modifiedOn: found.modified_on,
        restartedOn: found.restarted_on,
      }),
    },
  };
}
