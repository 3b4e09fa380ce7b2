import { createPrivateKey, randomUUID, X509Certificate } from "node:crypto";
import { z } from "zod";
import { type Document, NameTakenError } from "../../store/document-store.ts";
import type { Sealed } from "../../store/vault.ts";
import { ApiError, checked } from "../envelope.ts";
import type { CloudContext } from "../service.ts";

/** An uploaded certificate: of an authority to trust, or of a client, with its key. */
interface CertificateBody {
  readonly ca: boolean;
  /** One PEM certificate or a chain, the certificate of `privateKey` first. */
  readonly certificates: string;
  readonly privateKey?: Sealed;
  /** As the program named it; absent without a name. */
  readonly label?: string;
}

export type CertificateDocument = Document<CertificateBody>;

/** Codes of the certificates API. The vendor documents none for these; the numbers are ours. */
const CODES = { invalid: 1400, notFound: 1401, nameTaken: 1402, inUse: 1403 } as const;

const uploadBody = z.strictObject({
  ca: z.boolean(),
  certificates: z.string().min(1),
  name: z.string().min(1).optional(),
  private_key: z.string().min(1).optional(),
});

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Object identifiers of signature algorithms as they stand in a certificate (DER), with the vendor's names. */
const SIGNATURES: readonly (readonly [oid: string, name: string])[] = [
  ["06092a864886f70d01010b", "SHA256WithRSA"],
  ["06092a864886f70d01010c", "SHA384WithRSA"],
  ["06092a864886f70d01010d", "SHA512WithRSA"],
  ["06082a8648ce3d040302", "ECDSAWithSHA256"],
  ["06082a8648ce3d040303", "ECDSAWithSHA384"],
  ["06082a8648ce3d040304", "ECDSAWithSHA512"],
  ["06032b6570", "Ed25519"],
];

export const INVALID_CERTIFICATE = CODES.invalid;

const certificatesOf = ({ store }: CloudContext) =>
  store.collection<CertificateBody>("mtls-certificate");

export const listCertificates = (cloud: CloudContext, accountId: string): CertificateDocument[] =>
  certificatesOf(cloud).list(accountId);

/** The account's certificate with this id, when there is one. */
export const findCertificate = (
  cloud: CloudContext,
  accountId: string,
  id: string,
): CertificateDocument | undefined => certificatesOf(cloud).get(accountId, id);

/** The account's certificate with this id, or the vendor's 404. */
export function requireCertificate(
  cloud: CloudContext,
  accountId: string,
  id: string,
): CertificateDocument {
  const certificate = findCertificate(cloud, accountId, id);
  if (certificate !== undefined) return certificate;
  throw new ApiError(404, CODES.notFound, `mTLS certificate ${id} was not found.`);
}

/** Keeps an uploaded certificate. Refuses what is no certificate, or not of the kind that `ca` says. */
export function uploadCertificate(
  cloud: CloudContext,
  accountId: string,
  body: unknown,
): CertificateDocument {
  const { ca, certificates, name, private_key } = checked(body, uploadBody, CODES.invalid);
  const [first] = parseCertificates(certificates);
  if (first.ca !== ca) {
    throw invalid(
      ca
        ? "The certificate is not a certificate authority's. Upload it with ca: false and its key."
        : "The certificate is a certificate authority's. Upload it with ca: true.",
    );
  }
  if (!ca && private_key === undefined) {
    throw invalid("The certificate has no private_key. A client's certificate needs it.");
  }
  if (private_key !== undefined && !belongsTo(private_key, first)) {
    throw invalid("The private_key does not belong to the first certificate.");
  }
  const id = randomUUID();
  try {
    return certificatesOf(cloud).insert(accountId, {
      id,
      name: name ?? id,
      body: {
        ca,
        certificates,
        ...(private_key === undefined ? {} : { privateKey: cloud.vault.seal(private_key) }),
        ...(name === undefined ? {} : { label: name }),
      },
    });
  } catch (error) {
    if (!(error instanceof NameTakenError)) throw error;
    throw new ApiError(409, CODES.nameTaken, `A certificate named ${name} exists already.`);
  }
}

/** Deletes a certificate that nothing uses. `users` are the names of what does. */
export function deleteCertificate(
  cloud: CloudContext,
  { account, id }: CertificateDocument,
  users: readonly string[],
): void {
  if (users.length > 0) {
    throw new ApiError(
      409,
      CODES.inUse,
      `The certificate is in use by Hyperdrive (${users.join(", ")}) and cannot be deleted.`,
    );
  }
  certificatesOf(cloud).remove(account, id);
}

/** The certificate as the API shows it; never its key. */
export function describeCertificate({ id, body, createdAt }: CertificateDocument) {
  const [first] = parseCertificates(body.certificates);
  return {
    id,
    ...(body.label === undefined ? {} : { name: body.label }),
    ca: body.ca,
    certificates: body.certificates,
    issuer: first.issuer.split("\n").reverse().join(","),
    serial_number: BigInt(`0x${first.serialNumber}`).toString(),
    signature: signatureOf(first),
    expires_on: new Date(first.validTo).toISOString(),
    uploaded_on: createdAt,
    updated_at: createdAt,
    type: "custom",
  };
}

type Certificates = readonly [X509Certificate, ...X509Certificate[]];

function parseCertificates(pem: string): Certificates {
  const texts = pem.match(PEM_CERTIFICATE) ?? [];
  try {
    const [first, ...others] = texts.map((text) => new X509Certificate(text));
    if (first !== undefined) return [first, ...others];
  } catch {
    // Reported below, like a text without any certificate.
  }
  throw invalid("The certificates are not in PEM form. Send BEGIN CERTIFICATE blocks, unchanged.");
}

function belongsTo(privateKey: string, certificate: X509Certificate): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(privateKey));
  } catch {
    return false;
  }
}

function signatureOf({ raw }: X509Certificate): string {
  const found = SIGNATURES.find(([oid]) => raw.includes(Buffer.from(oid, "hex")));
  return found?.[1] ?? "unknown";
}

const invalid = (message: string) => new ApiError(400, CODES.invalid, message);
