import type { D1 } from "cloudflare/resources/d1/d1";
import type { DatabaseCreateParams } from "cloudflare/resources/d1/database/database";
import { conflictOn, orMissing } from "../../../../providers/cloudflare-api/fault.ts";
import { present } from "../../present.ts";
import { accountOf, lowerCase, splitId } from "../ids.ts";
import { accountId, define } from "./shared.ts";

/** D1's code for a name that is taken. */
const NAME_TAKEN = [7502];

/** `cloudflare.D1Database`. Source: https://developers.cloudflare.com/api/resources/d1/subresources/database/ */
export const d1Database = define({
  token: "cloudflare:index/d1Database:D1Database",
  title: "D1 database",
  doc: "A D1 database. https://developers.cloudflare.com/d1/",
  identity: ["accountId", "name"],
  importFormat: "<account_id>/<database_id>",
  properties: {
    accountId,
    name: { type: "string", mode: "required", replace: true, doc: "D1 database name." },
    jurisdiction: {
      type: "string",
      mode: "inherited",
      replace: true,
      values: ["eu", "fedramp", "us"],
      doc: "Location to restrict the database to; the location hint is then ignored.",
    },
    primaryLocationHint: {
      type: "string",
      mode: "inherited",
      replace: true,
      normalize: lowerCase,
      values: ["wnam", "enam", "weur", "eeur", "apac", "oc"],
      doc: "Region to create the D1 primary in, if available.",
    },
    readReplication: {
      type: {
        object: {
          mode: {
            type: "string",
            mode: "required",
            values: ["auto", "disabled"],
            doc: "Read replication mode.",
          },
        },
      },
      mode: "inherited",
      doc: "Configuration for D1 read replication.",
    },
    createdAt: { type: "string", mode: "output", doc: "When the database was created." },
    fileSize: { type: "number", mode: "output", incidental: true, doc: "Size in bytes." },
    numTables: { type: "number", mode: "output", incidental: true, doc: "Number of tables." },
    uuid: { type: "string", mode: "output", doc: "D1 database identifier." },
    version: { type: "string", mode: "output", doc: "Storage version." },
  },
  parseImportId(id) {
    const parts = splitId(id, ["accountId", "uuid"]);
    return parts && { id: parts.uuid ?? "", state: parts };
  },
  async create({ client }, inputs) {
    const params = {
      account_id: inputs.accountId,
      name: inputs.name,
      ...present({
        jurisdiction: inputs.jurisdiction,
        primary_location_hint: inputs.primaryLocationHint,
        read_replication: inputs.readReplication,
      }),
    } as DatabaseCreateParams;
    return live(await conflictOn(NAME_TAKEN, () => client.d1.database.create(params)));
  },
  async read({ client }, id, known) {
    const account = accountOf(known.state);
    const found = await orMissing(client.d1.database.get(id, account));
    return found && live(found);
  },
  async update({ client }, id, inputs) {
    const mode = inputs.readReplication?.mode === "auto" ? "auto" : "disabled";
    const found = await client.d1.database.update(id, {
      account_id: inputs.accountId,
      read_replication: { mode },
    });
    return live(found).state;
  },
  async delete({ client }, id, state) {
    await client.d1.database.delete(id, accountOf(state));
  },
  async findExisting({ client }, inputs) {
    const query = { ...accountOf(inputs), name: inputs.name };
    for await (const each of client.d1.database.list(query))
      if (each.name === inputs.name && each.uuid) {
        const found = await client.d1.database.get(each.uuid, accountOf(inputs));
        const createdAt = each.created_at === undefined ? undefined : new Date(each.created_at);
        return { ...live(found), createdAt };
      }
    return undefined;
  },
});

function live(found: D1) {
  return {
    id: found.uuid ?? "",
    state: {
      uuid: found.uuid,
      ...present({
        name: found.name,
        createdAt: found.created_at,
        fileSize: found.file_size,
        numTables: found.num_tables,
        version: found.version,
        jurisdiction: found.jurisdiction,
        readReplication: found.read_replication,
      }),
    },
  };
}
