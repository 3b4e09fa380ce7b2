import { cloudflareAccount } from "../identity/account.ts";
import { idIdentity } from "../identity/ids.ts";
import { byId, named, type Vendor } from "./table.ts";
import { server, urlHost } from "./values.ts";

/** This project's own components and plugin, see components/ and providers/bulkhead/resources.ts. */
export const BULKHEAD: Vendor = {
  types: {
    // Workers.dev gives a Worker its address, and no resource of the vendor's tells it.
    "index:Worker": { claims: [{ at: "urls.*", as: urlHost }] },
    "d1:Migrations": {
      // Its id is the database's.
      claims: [],
      references: [
        { at: "accountId", as: cloudflareAccount, kind: "account" },
        byId("databaseId", idIdentity),
      ],
      // Checksums of files.
      ignore: ["files.*.sha256"],
    },
    // What is inside of a server that another resource owns.
    "postgres:Database": { claims: [], references: [named("server.host", server)] },
  },
};
