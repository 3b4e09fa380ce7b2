import type { KeyPair } from "./engines/engines.ts";
import type { Collection } from "./store/document-store.ts";
import type { Sealed } from "./store/vault.ts";
import type { VendorContext } from "./vendor-context.ts";

/** The part of an account's document that keeps its certificate authority, as JSON of a key pair. */
export interface WithAuthority {
  readonly authority?: Sealed;
}

/** Where an account's document is kept. */
interface Place<Body extends WithAuthority> {
  readonly documents: Collection<Body>;
  readonly owner: string;
  readonly id: string;
  /** Name of the authority, as its certificate shows it. */
  readonly commonName: string;
}

/** An account's certificate authority, made at first use. @throws for an account that there is not. */
export async function sealedAuthority<Body extends WithAuthority>(
  cloud: VendorContext,
  place: Place<Body>,
): Promise<KeyPair> {
  const known = readAuthority(cloud, place);
  if (known !== undefined) return known;
  const made = await cloud.engines.authority(place.commonName);
  return cloud.store.transaction(() => {
    // Another request may have made one meanwhile.
    const earlier = readAuthority(cloud, place);
    if (earlier !== undefined) return earlier;
    const { documents, owner, id } = place;
    const document = documents.get(owner, id);
    if (document === undefined) throw new Error(`There is no account ${id}.`);
    const authority = cloud.vault.seal(JSON.stringify(made));
    documents.update(owner, id, { body: { ...document.body, authority } });
    return made;
  });
}

function readAuthority<Body extends WithAuthority>(
  { vault }: VendorContext,
  { documents, owner, id }: Place<Body>,
): KeyPair | undefined {
  const sealed = documents.get(owner, id)?.body.authority;
  return sealed === undefined ? undefined : (JSON.parse(vault.open(sealed)) as KeyPair);
}
