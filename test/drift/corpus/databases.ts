import type { DriftCase } from "./drift-case.ts";

const DATABASE = "postgres:Database";

/** What is done inside databases, by their own clients. */
export const DATABASE_DRIFTS: readonly DriftCase[] = [
  {
    name: "lets every login use a schema",
    batch: 1,
    on: { production: "high" },
    subject: [DATABASE, "handled-primary-primary"],
    path: /^undeclaredRights/,
    make: ({ sql }) => sql("handled-primary-primary", "GRANT ALL ON SCHEMA customer TO PUBLIC"),
  },
  {
    name: "makes a login of their own and lets it into a database",
    batch: 1,
    on: { staging: "medium" },
    subject: [DATABASE, "handled-primary-primary"],
    path: /^undeclaredRights/,
    make: ({ sql }) =>
      sql(
        "handled-primary-primary",
        `CREATE ROLE intruder NOLOGIN;
         GRANT CONNECT ON DATABASE handled_primary TO intruder;
         GRANT USAGE ON SCHEMA config TO intruder;`,
      ),
  },
  {
    name: "lets an application create tables",
    batch: 1,
    on: { staging: "medium", production: "high" },
    subject: [DATABASE, "handled-data-data"],
    path: /^(?:undeclaredRights|roles)/,
    make: ({ sql }) =>
      sql("handled-data-data", "GRANT CREATE ON SCHEMA workspace TO handled_data_user"),
  },
  {
    name: "drops a schema",
    batch: 2,
    on: { staging: "medium", production: "high" },
    subject: [DATABASE, "handled-primary-primary"],
    path: /^schemas/,
    make: ({ sql }) => sql("handled-primary-primary", "DROP SCHEMA config CASCADE"),
  },
  {
    name: "makes a schema",
    batch: 1,
    on: { staging: "low", production: "medium" },
    subject: [DATABASE, "instainstru-postgres-main"],
    path: /^undeclaredSchemas/,
    make: ({ sql }) => sql("instainstru-postgres-main", "CREATE SCHEMA by_hand"),
  },
  {
    name: "takes an application's rights away",
    batch: 2,
    on: { production: "high" },
    subject: [DATABASE, "handled-data-data"],
    path: /^roles/,
    make: ({ sql }) =>
      sql("handled-data-data", "REVOKE USAGE ON SCHEMA workspace FROM handled_data_user"),
  },
  {
    name: "lets an application open any number of connections",
    batch: 2,
    on: { staging: "low" },
    subject: [DATABASE, "handled-data-data"],
    path: /^roles\[handled_data_user\]\.connectionLimit/,
    make: ({ sql }) =>
      sql("handled-data-data", "ALTER ROLE handled_data_user CONNECTION LIMIT 100"),
  },
];
