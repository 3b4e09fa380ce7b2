import type { Identity } from "../observation.ts";

const GCP_PATH =
  /^(?:\/\/[a-z][a-z0-9.-]{0,60}\.googleapis\.com\/)?(projects\/[a-z0-9][a-z0-9.:-]{0,62}\/[\w.:/~%+-]{1,1000})$/;

/** Of Google's paths those that name what everybody has: images, kinds of machines, places. */
const EVERYBODYS =
  /\/(?:images|licenses|machineTypes|diskTypes|acceleratorTypes)\/|\/(?:zones|regions|locations)\/[^/]+$|\/(?:networks|subnetworks)\/default$|\/(?:global|-)$/;

const SECRET_VERSION = /(\/secrets\/[^/]+)\/versions\/[^/]+$/;

const AZURE_PATH =
  /^\/subscriptions\/[0-9a-f-]{36}\/resourcegroups\/[^/\s]{1,90}\/providers\/[^/\s]{1,120}\/[^/\s]{1,120}\/[^\s]{1,1000}$/;

const CONNECTION_NAME = String.raw`((?:[a-z][a-z0-9.-]{0,60}:)?[a-z][a-z0-9-]{4,29}):[a-z]{2,20}-[a-z]{2,20}\d{1,2}:([a-z][a-z0-9-]{0,97})`;
const WHOLE_CONNECTION_NAME = new RegExp(`^${CONNECTION_NAME}$`);

/** `/cloudsql/<connection name>`, the socket's folder, and `cloudsql(<connection name>)` of Go. */
const CLOUD_SQL = new RegExp(String.raw`\bcloudsql[/(]${CONNECTION_NAME}(?![\w-])`, "g");

/**
 * What a text names that is a full resource name of Google Cloud or a resource id of Azure from end
 * to end. Undefined for other texts, and for what everybody has.
 *
 * @see https://cloud.google.com/apis/design/resource_names
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
 */
export function cloudPathIdentity(text: string): Identity | undefined {
  const bare = text.trim();
  const google = GCP_PATH.exec(bare)?.[1];
  if (google !== undefined)
    return EVERYBODYS.test(google) ? undefined : `resource:gcp/${google.replace(/\/$/, "")}`;
  if (!bare.startsWith("/")) return undefined;
  const azure = bare.toLowerCase().replace(/\/$/, "");
  return AZURE_PATH.test(azure) ? `resource:azure${azure}` : undefined;
}

/** As {@link cloudPathIdentity}; a version of a secret means the secret. */
export const cloudPathReference = (text: string): Identity | undefined =>
  cloudPathIdentity(text.trim().replace(SECRET_VERSION, "$1"));

/**
 * The instance of Cloud SQL that `<project>:<region>:<instance>` means.
 *
 * @see https://cloud.google.com/sql/docs/mysql/connect-instance-auth-proxy
 */
export function cloudSqlIdentity(text: string): Identity | undefined {
  const [, project, instance] = WHOLE_CONNECTION_NAME.exec(text.trim()) ?? [];
  return project === undefined
    ? undefined
    : `resource:gcp/projects/${project}/instances/${instance}`;
}

/** Every instance of Cloud SQL whose socket or whose driver's address stands in a text. */
export function findCloudSql(text: string): Identity[] {
  if (!text.includes("cloudsql")) return [];
  return [...text.matchAll(CLOUD_SQL)].map(
    ([, project, instance]): Identity => `resource:gcp/projects/${project}/instances/${instance}`,
  );
}
