import type { HyperdriveSpec } from "../../runtime/account-spec.ts";
import { type Document, NameTakenError } from "../../store/document-store.ts";
import type { Sealed } from "../../store/vault.ts";
import { checked } from "../envelope.ts";
import { hexId } from "../identifiers.ts";
import { findCertificate } from "../mtls-certificates/certificates.ts";
import type { CloudContext } from "../service.ts";
import { configNotFound, HYPERDRIVE_ERROR, invalidConfig, nameTaken } from "./errors.ts";
import { type ConfigBody, configBody, configChange } from "./schema.ts";
import { tryOrigin } from "./trial.ts";

type Caching = NonNullable<ConfigBody["caching"]>;
type Mtls = NonNullable<ConfigBody["mtls"]>;

/** A configuration as it is kept: the password is sealed, and it is never shown again. */
interface StoredConfig {
  readonly origin: Omit<ConfigBody["origin"], "password"> & { readonly password: Sealed };
  readonly caching: Caching;
  readonly mtls?: Mtls;
  readonly connectionLimit: number;
}

export type ConfigDocument = Document<StoredConfig>;

/** The vendor's default for a paid account. */
const CONNECTION_LIMIT = 60;

const configsOf = ({ store }: CloudContext) => store.collection<StoredConfig>("hyperdrive");

export const listConfigs = (cloud: CloudContext, accountId: string): ConfigDocument[] =>
  configsOf(cloud).list(accountId);

/** The account's configuration with this id, or the vendor's 404. */
export function requireConfig(cloud: CloudContext, accountId: string, id: string): ConfigDocument {
  const config = configsOf(cloud).get(accountId, id);
  if (config === undefined) throw configNotFound(id);
  return config;
}

/** The configurations that verify a database with this certificate, or show it to one. */
export const configsWithCertificate = (
  cloud: CloudContext,
  accountId: string,
  certificateId: string,
): ConfigDocument[] =>
  listConfigs(cloud, accountId).filter(({ body: { mtls } }) =>
    [mtls?.ca_certificate_id, mtls?.mtls_certificate_id].includes(certificateId),
  );

/** Makes a configuration whose database has accepted a connection. */
export async function createConfig(
  cloud: CloudContext,
  accountId: string,
  body: unknown,
): Promise<ConfigDocument> {
  const wanted = checked(body, configBody, HYPERDRIVE_ERROR.invalid);
  if (configsOf(cloud).byName(accountId, wanted.name) !== undefined) throw nameTaken();
  await tryOrigin(connectionOf(cloud, accountId, wanted));
  return refusingTakenName(() =>
    configsOf(cloud).insert(accountId, {
      id: hexId(),
      name: wanted.name,
      body: stored(cloud, wanted),
    }),
  );
}

/** Replaces a configuration; as at the vendor, `mtls` and the connection limit stay when they are left out. */
export async function replaceConfig(
  cloud: CloudContext,
  config: ConfigDocument,
  body: unknown,
): Promise<ConfigDocument> {
  const wanted = checked(body, configBody, HYPERDRIVE_ERROR.invalid);
  const { mtls, origin_connection_limit } = revealed(cloud, config);
  return saveConfig(cloud, config, { mtls, origin_connection_limit, ...wanted });
}

/** Changes the fields that are given; those of the origin one by one, so that a password stays when it is left out. */
export async function changeConfig(
  cloud: CloudContext,
  config: ConfigDocument,
  body: unknown,
): Promise<ConfigDocument> {
  const change = checked(body, configChange, HYPERDRIVE_ERROR.invalid);
  const current = revealed(cloud, config);
  const wanted = { ...current, ...change, origin: { ...current.origin, ...change.origin } };
  return saveConfig(cloud, config, checked(wanted, configBody, HYPERDRIVE_ERROR.invalid));
}

/** Removes a configuration. Workers that are bound to it go on without the binding. */
export async function deleteConfig(
  cloud: CloudContext,
  { account, id }: ConfigDocument,
): Promise<void> {
  await cloud.runtimes.of(account).withdraw(() => {
    configsOf(cloud).remove(account, id);
  });
}

/** The configuration as the API shows it; never its password. */
export function describeConfig({ id, name, body, createdAt, modifiedAt }: ConfigDocument) {
  const { password: _, ...origin } = body.origin;
  return {
    id,
    name,
    origin,
    caching: body.caching,
    ...(body.mtls === undefined ? {} : { mtls: body.mtls }),
    origin_connection_limit: body.connectionLimit,
    created_on: createdAt,
    modified_on: modifiedAt,
  };
}

/** What the runtime needs of the account's configurations. */
export const describeHyperdrives = (cloud: CloudContext, accountId: string): HyperdriveSpec[] =>
  listConfigs(cloud, accountId).map((config) => ({
    id: config.id,
    ...connectionOf(cloud, accountId, revealed(cloud, config)),
    connectionLimit: config.body.connectionLimit,
  }));

async function saveConfig(
  cloud: CloudContext,
  { account, id }: ConfigDocument,
  wanted: ConfigBody,
): Promise<ConfigDocument> {
  const { name } = wanted;
  const holder = configsOf(cloud).byName(account, name);
  if (holder !== undefined && holder.id !== id) throw nameTaken();
  await tryOrigin(connectionOf(cloud, account, wanted));
  return cloud.runtimes.of(account).change(() =>
    refusingTakenName(() => {
      // It may have been deleted during the trial.
      requireConfig(cloud, account, id);
      return configsOf(cloud).update(account, id, { name, body: stored(cloud, wanted) });
    }),
  );
}

function stored({ vault }: CloudContext, wanted: ConfigBody): StoredConfig {
  const { origin, mtls, origin_connection_limit: connectionLimit = CONNECTION_LIMIT } = wanted;
  const { disabled, ...ages } = wanted.caching ?? { disabled: false };
  return {
    origin: { ...origin, password: vault.seal(origin.password) },
    caching: disabled ? { disabled } : { disabled, ...ages },
    ...(mtls === undefined ? {} : { mtls }),
    connectionLimit,
  };
}

/** A configuration as it was sent, password included. */
function revealed({ vault }: CloudContext, { name, body }: ConfigDocument): ConfigBody {
  const { origin, caching, mtls, connectionLimit } = body;
  return {
    name,
    origin: { ...origin, password: vault.open(origin.password) },
    caching,
    mtls,
    origin_connection_limit: connectionLimit,
  };
}

/** How the database is reached. Refuses certificates that the account does not have, or that do not fit the mode. */
function connectionOf(
  cloud: CloudContext,
  accountId: string,
  { origin, mtls }: ConfigBody,
): Pick<HyperdriveSpec, "origin" | "tls"> {
  const { scheme: _, ...target } = origin;
  const { ca_certificate_id, mtls_certificate_id, sslmode = "require" } = mtls ?? {};
  if (sslmode !== "require" && ca_certificate_id === undefined) {
    throw invalidConfig(
      `sslmode ${sslmode} needs a ca_certificate_id. Upload the authority first.`,
    );
  }
  if (sslmode === "require" && ca_certificate_id !== undefined) {
    throw invalidConfig(
      "sslmode require cannot be used with a ca_certificate_id. Use verify-ca or verify-full.",
    );
  }
  const authority = certificateOf(cloud, accountId, "ca_certificate_id", ca_certificate_id);
  const client = certificateOf(cloud, accountId, "mtls_certificate_id", mtls_certificate_id);
  return {
    origin: target,
    tls: {
      mode: sslmode,
      ...(authority === undefined ? {} : { authorities: authority.certificates }),
      ...(client?.privateKey === undefined
        ? {}
        : {
            client: {
              certificates: client.certificates,
              privateKey: cloud.vault.open(client.privateKey),
            },
          }),
    },
  };
}

function certificateOf(
  cloud: CloudContext,
  accountId: string,
  field: "ca_certificate_id" | "mtls_certificate_id",
  id: string | undefined,
) {
  if (id === undefined) return undefined;
  const body = findCertificate(cloud, accountId, id)?.body;
  if (body === undefined) throw invalidConfig(`mtls.${field}: there is no certificate ${id}.`);
  const wanted = field === "ca_certificate_id";
  if (body.ca !== wanted) {
    throw invalidConfig(
      `mtls.${field}: the certificate ${id} is ${wanted ? "not " : ""}an authority's.`,
    );
  }
  return body;
}

function refusingTakenName<R>(write: () => R): R {
  try {
    return write();
  } catch (error) {
    if (error instanceof NameTakenError) throw nameTaken();
    throw error;
  }
}
