import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { connect, createServer } from "node:tls";
import { afterEach, expect, it, vi } from "vitest";
import {
  createAuthority,
  ensureCertificate,
  issueCertificate,
} from "../../../local/engines/certificates.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

afterEach(() => vi.useRealTimers());

const DAY_MS = 86_400_000;
const HOSTS = ["127.70.1.2", "db.example.com"] as const;
const daysLeft = (pem: string) =>
  Math.round((Date.parse(new X509Certificate(pem).validTo) - Date.now()) / DAY_MS);

it("makes an authority for ten years that may sign servers only", async () => {
  const { certificate, privateKey } = await createAuthority('Team, "A"+B=C');
  const authority = new X509Certificate(certificate);
  expect(authority.ca).toBe(true);
  expect(authority.toLegacyObject().subject.CN).toBe('Team, "A"+B=C');
  expect(authority.publicKey.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
  expect(daysLeft(certificate)).toBe(3650);
  expect(privateKey).toMatch(/^-----BEGIN PRIVATE KEY-----/);
});

it("names a server's address as address and as name, for two years", async () => {
  const authority = await createAuthority("A");
  const { certificate } = await issueCertificate(authority, HOSTS);
  const parsed = new X509Certificate(certificate);
  expect(parsed.subject).toBe("CN=127.70.1.2");
  expect(parsed.subjectAltName).toBe("IP Address:127.70.1.2, DNS:127.70.1.2, DNS:db.example.com");
  expect(parsed.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
  expect(parsed.ca).toBe(false);
  expect(daysLeft(certificate)).toBe(730);
});

it("is trusted by who knows the authority, under its names, and by nobody else", async () => {
  const [authority, another] = await Promise.all([createAuthority("A"), createAuthority("A")]);
  const { certificate, privateKey } = await issueCertificate(authority, ["127.0.0.1"]);
  const server = createServer({ cert: certificate, key: privateKey }, (socket) => socket.end());
  server.on("tlsClientError", () => undefined);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const visit = (ca: string, servername?: string) =>
    new Promise<string>((resolve) => {
      const socket = connect({ host: "127.0.0.1", port, ca, ...(servername && { servername }) });
      socket.once("secureConnect", () => resolve("trusted")).once("close", () => undefined);
      socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      socket.resume();
    });
  expect(await visit(authority.certificate)).toBe("trusted");
  expect(await visit(authority.certificate, "db.example.com")).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
  expect(await visit(another.certificate)).not.toBe("trusted");
  server.close();
});

it("keeps a server's certificate until its names, its authority or its time change", async () => {
  const folder = temporaryFolder();
  const authority = await createAuthority("A");
  const first = await ensureCertificate(folder, authority, HOSTS);
  expect(statSync(first.keyFile).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(folder, "ca.crt"), "utf8")).toBe(authority.certificate);
  const again = await ensureCertificate(folder, authority, HOSTS);
  expect(again.certificate).toBe(first.certificate);

  const renamed = await ensureCertificate(folder, authority, ["127.70.1.3"]);
  expect(renamed.certificate).not.toBe(first.certificate);
  // Of the same name, as an authority that was made anew has.
  const other = await ensureCertificate(folder, await createAuthority("A"), ["127.70.1.3"]);
  expect(other.certificate).not.toBe(renamed.certificate);

  const ensured = await ensureCertificate(folder, authority, HOSTS);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 690 * DAY_MS });
  expect((await ensureCertificate(folder, authority, HOSTS)).certificate).toBe(ensured.certificate);
  vi.setSystemTime(Date.now() + 20 * DAY_MS);
  const renewed = await ensureCertificate(folder, authority, HOSTS);
  expect(renewed.certificate).not.toBe(ensured.certificate);
  expect(daysLeft(renewed.certificate)).toBe(730);
});
