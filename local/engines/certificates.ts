import { createPrivateKey, randomBytes, type webcrypto, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import type { KeyPair } from "./engines.ts";
import { writeOwned } from "./server-user.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const AUTHORITY_DAYS = 3650;
const SERVER_DAYS = 730;
/** A certificate with less left than this is replaced when its server is next ensured. */
const RENEWAL_DAYS = 30;
/** Clocks of clients may be a little behind. */
const BACKDATED_MS = 60 * 60 * 1000;

const KEY_ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING_ALGORITHM = { name: "ECDSA", hash: "SHA-256" } as const;
const SERIAL_BYTES = 16;

/** Where a server finds its certificate and key. */
export interface CertificateFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Of the authority that signed it. */
  readonly authorityFile: string;
  /** PEM of the certificate, to notice a new one. */
  readonly certificate: string;
}

// Loading the library takes longer than starting the cloud, so it waits for the first need.
const library = () => import("./x509.ts");

/** A new certificate authority, valid for ten years. */
export async function createAuthority(commonName: string): Promise<KeyPair> {
  const x509 = await library();
  const keys = await crypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: new x509.Name([{ CN: [{ utf8String: commonName }] }]),
    ...validFor(AUTHORITY_DAYS),
    keys,
    signingAlgorithm: SIGNING_ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return pem(certificate.toString("pem"), keys.privateKey);
}

/** A server's certificate for these hosts, the first of which is its common name. */
export async function issueCertificate(
  authority: KeyPair,
  hosts: readonly [string, ...string[]],
): Promise<KeyPair> {
  const x509 = await library();
  const issuer = new x509.X509Certificate(authority.certificate);
  const keys = await crypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
  const signingKey = await crypto.subtle.importKey(
    "pkcs8",
    x509.PemConverter.decodeFirst(authority.privateKey),
    KEY_ALGORITHM,
    false,
    ["sign"],
  );
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: new x509.Name([{ CN: [{ utf8String: hosts[0] }] }]),
    issuer: issuer.subjectName,
    ...validFor(SERVER_DAYS),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: SIGNING_ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(hosts.flatMap(alternativeNames)),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return pem(certificate.toString("pem"), keys.privateKey);
}

/** Makes sure that the folder holds a certificate for these hosts that is valid for a while yet. */
export async function ensureCertificate(
  folder: string,
  authority: KeyPair,
  hosts: readonly [string, ...string[]],
): Promise<CertificateFiles> {
  const existing = readPair(filesIn(folder));
  const pair =
    existing !== undefined && isGood(existing, authority, hosts)
      ? existing
      : await issueCertificate(authority, hosts);
  return placeCertificate(folder, authority, pair);
}

/** Makes sure that the folder holds this certificate, which the authority need not have signed. */
export function placeCertificate(
  folder: string,
  authority: KeyPair,
  pair: KeyPair,
): CertificateFiles {
  const files = filesIn(folder);
  const existing = readPair(files);
  if (pair.certificate !== existing?.certificate || pair.privateKey !== existing.privateKey) {
    // The key first: a pair that was cut off between the two is not good, and is made again.
    writeOwned(files.keyFile, pair.privateKey);
    writeOwned(files.certificateFile, pair.certificate);
  }
  writeOwned(files.authorityFile, authority.certificate);
  return { ...files, certificate: pair.certificate };
}

const filesIn = (folder: string) => ({
  certificateFile: join(folder, "server.crt"),
  keyFile: join(folder, "server.key"),
  authorityFile: join(folder, "ca.crt"),
});

function readPair({ certificateFile, keyFile }: ReturnType<typeof filesIn>): KeyPair | undefined {
  try {
    return {
      certificate: readFileSync(certificateFile, "utf8"),
      privateKey: readFileSync(keyFile, "utf8"),
    };
  } catch {
    return undefined;
  }
}

function isGood(pair: KeyPair, authority: KeyPair, hosts: readonly string[]): boolean {
  try {
    const certificate = new X509Certificate(pair.certificate);
    const issuer = new X509Certificate(authority.certificate);
    const left = Date.parse(certificate.validTo) - Date.now();
    return (
      left > RENEWAL_DAYS * DAY_MS &&
      certificate.checkIssued(issuer) &&
      certificate.verify(issuer.publicKey) &&
      certificate.checkPrivateKey(createPrivateKey(pair.privateKey)) &&
      certificate.subjectAltName === alternativeNamesText(hosts)
    );
  } catch {
    return false;
  }
}

/** An address stands as a name too, since some clients look at names only. */
const alternativeNames = (host: string) =>
  isIP(host) === 0
    ? [{ type: "dns" as const, value: host }]
    : [
        { type: "ip" as const, value: host },
        { type: "dns" as const, value: host },
      ];

/** As Node.js shows what `alternativeNames` makes. */
const alternativeNamesText = (hosts: readonly string[]): string =>
  hosts
    .flatMap(alternativeNames)
    .map(({ type, value }) => `${type === "ip" ? "IP Address" : "DNS"}:${value}`)
    .join(", ");

function validFor(days: number): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - BACKDATED_MS), notAfter: new Date(now + days * DAY_MS) };
}

/** Positive, as X.509 wants it. */
function serialNumber(): string {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}

async function pem(certificate: string, key: webcrypto.CryptoKey): Promise<KeyPair> {
  const { PemConverter } = await library();
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", key);
  return {
    certificate: `${certificate}\n`,
    privateKey: `${PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`,
  };
}
