import { createHash, randomBytes, randomUUID } from "node:crypto";
import { AccessKeys } from "../access-keys.ts";
import { sealedAuthority, type WithAuthority } from "../authorities.ts";
import type { KeyPair } from "../engines/engines.ts";
import type { Document } from "../store/document-store.ts";
import type { VendorContext } from "../vendor-context.ts";

/** One environment's team. The document's name is the environment's. */
interface TeamBody extends WithAuthority {
  /** SHA-256 of the API token. */
  readonly tokenHash: string;
}

/** What a new environment's users need at DigitalOcean; token and secret are shown this once. */
export interface IssuedTeam {
  readonly accountId: string;
  /** `dop_v1_` and 64 hexadecimal digits. */
  readonly apiToken: string;
  /** Spaces key with full access to the team's buckets. */
  readonly spacesKeyId: string;
  readonly spacesSecret: string;
}

const ROOT = "root";
const MAIN_KEY = "bulkhead";

const teamsOf = ({ store }: VendorContext) => store.collection<TeamBody>("do-team");
const hash = (token: string) => createHash("sha256").update(token).digest("hex");

/** Makes the environment's team, when absent, and new credentials for it; the earlier ones end. */
export function issueTeam(cloud: VendorContext, environment: string): IssuedTeam {
  return cloud.store.transaction(() => {
    const teams = teamsOf(cloud);
    const keys = new AccessKeys(cloud);
    const apiToken = `dop_v1_${randomBytes(32).toString("hex")}`;
    const tokenHash = hash(apiToken);
    const earlier = teams.byName(ROOT, environment);
    const team =
      earlier === undefined
        ? teams.insert(ROOT, { id: randomUUID(), name: environment, body: { tokenHash } })
        : teams.update(ROOT, earlier.id, { body: { ...earlier.body, tokenHash } });
    for (const key of keys.list("digitalocean", team.id)) {
      if (keys.labelOf(key) === MAIN_KEY) keys.remove(key.id);
    }
    const { key, secret } = keys.issue({
      vendor: "digitalocean",
      accountId: team.id,
      label: MAIN_KEY,
      grants: [{ bucket: "", permission: "fullaccess" }],
    });
    return { accountId: team.id, apiToken, spacesKeyId: key.id, spacesSecret: secret };
  });
}

/** The team whose API token this is. */
export function teamOfToken(cloud: VendorContext, apiToken: string): Document<unknown> | undefined {
  const tokenHash = hash(apiToken);
  return allTeams(cloud).find(({ body }) => body.tokenHash === tokenHash);
}

export const allTeams = (cloud: VendorContext): Document<TeamBody>[] => teamsOf(cloud).list(ROOT);

/** The team's certificate authority, made at first use; its certificate is what `/ca` serves. */
export const teamAuthority = (cloud: VendorContext, accountId: string): Promise<KeyPair> =>
  sealedAuthority(cloud, {
    documents: teamsOf(cloud),
    owner: ROOT,
    id: accountId,
    commonName: `Bulkhead local DigitalOcean ${accountId}`,
  });
