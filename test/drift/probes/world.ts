import type { S3Client } from "@aws-sdk/client-s3";
import type Cloudflare from "cloudflare";
import { numberAt, openResources, textAt } from "../../../drift/probes/facts.ts";
import type { ProbeInput } from "../../../drift/probes/probe.ts";
import type { ResourceFact } from "../../../isolation/facts.ts";
import { onDatabase } from "../../../providers/bulkhead/postgres/connection.ts";
import { DigitalOceanApi } from "../../../providers/digitalocean-api/client.ts";
import { credentialsOf, objectClient } from "../../support/data-clients.ts";
import type { TestEstate } from "../../support/estate.ts";

/** The vendors as somebody reaches them who goes around Pulumi, with the environment's own credentials. */
export interface World {
  readonly stack: string;
  readonly cloudflare: Cloudflare;
  readonly accountId: string;
  readonly digitalocean: DigitalOceanApi;
  readonly spaces: S3Client;
  readonly aws: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  readonly s3: S3Client;
  /** A resource of the stack's with its secrets, by the end of its type token and its logical name. */
  readonly resource: (type: string, name: string) => ResourceFact;
  /** Runs SQL as the administrator of a database of the stack's. */
  readonly sql: (database: string, ...statements: string[]) => Promise<void>;
  /** Runs SQL on a D1 database by the vendor's API. */
  readonly d1: (database: string, sql: string) => Promise<unknown>;
}

export async function worldOf(
  estate: TestEstate,
  stack: string,
  input: ProbeInput,
): Promise<World> {
  const { apiUrl, s3Url } = await estate.cloud();
  const { digitalocean, aws } = credentialsOf(estate, stack);
  const { client, account_id } = await estate.client(stack);
  const resources = await openResources(input);
  const { accessKeyId, secretAccessKey, region } = aws;
  const resource: World["resource"] = (type, name) => {
    const found = resources.find((each) => each.type.endsWith(`:${type}`) && each.name === name);
    if (found === undefined) throw new Error(`The stack has no ${type} ${name}.`);
    return found;
  };
  return {
    stack,
    cloudflare: client,
    accountId: account_id,
    digitalocean: new DigitalOceanApi({ token: digitalocean.apiToken, url: apiUrl }),
    spaces: objectClient(s3Url, digitalocean.spacesKeyId, digitalocean.spacesSecret),
    aws: { endpoint: s3Url, region, credentials: { accessKeyId, secretAccessKey } },
    s3: objectClient(s3Url, accessKeyId, secretAccessKey),
    resource,
    async sql(database, ...statements) {
      const { inputs } = resource("Database", database);
      const of = (name: string) => textAt(inputs, "server", name) ?? "";
      const server = {
        host: of("host"),
        port: numberAt(inputs, "server", "port") ?? 0,
        user: of("user"),
        password: of("password"),
        database: of("database"),
        sslMode: "require",
      };
      await onDatabase(server, textAt(inputs, "name") ?? "", async (client) => {
        for (const statement of statements) await client.query(statement);
      });
    },
    d1: async (database, sql) => {
      const id = textAt(resource("Migrations", database).outputs, "databaseId") ?? "";
      return (await client.d1.database.query(id, { account_id, sql })).result;
    },
  };
}
