/** Making certificates. */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const MS_PER_DAY = 86_400_000;

/** PEM texts of a new certificate; `notAfter` is ISO 8601. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly privateKey: string;
  readonly caCertificate: string;
  readonly notAfter: string;
}

/** A certificate for one server, and the authority that has signed it and nothing else. */
export async function issueCertificate(
  commonName: string,
  validityDays: number,
): Promise<IssuedCertificate> {
  const notBefore = new Date(Date.now() - MS_PER_DAY);
  const notAfter = new Date(Date.now() + validityDays * MS_PER_DAY);
  const authorityKeys = await newKeys();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [`${commonName} authority`] }],
    notBefore,
    notAfter,
    keys: authorityKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [commonName] }],
    issuer: authority.subjectName,
    notBefore,
    notAfter,
    publicKey: keys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([{ type: "dns", value: commonName }]),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certificate: certificate.toString("pem"),
    privateKey: x509.PemConverter.encode(pkcs8, "PRIVATE KEY"),
    caCertificate: authority.toString("pem"),
    notAfter: notAfter.toISOString(),
  };
}

const newKeys = () =>
  webcrypto.subtle.generateKey(ALGORITHM, true, [
    "sign",
    "verify",
  ]) as Promise<webcrypto.CryptoKeyPair>;
