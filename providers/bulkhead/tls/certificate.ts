import { defineResource } from "../../sdk/definition.ts";
import type { BulkheadClient } from "../client.ts";

/**
 * `bulkhead:tls:ServerCertificate`: a certificate for a server that one runs oneself, signed by an authority
 * that has signed nothing else: to trust that authority is to trust this one server. The authority's
 * private key is forgotten at once.
 */
export const serverCertificate = defineResource<BulkheadClient>()({
  token: "bulkhead:tls:ServerCertificate",
  title: "server certificate",
  doc: "A server's TLS certificate and key, with an authority of its own to verify it by.",
  identity: [],
  properties: {
    commonName: { type: "string", mode: "required", replace: true, doc: "Name of the server." },
    validityDays: {
      type: "integer",
      mode: "optional",
      unset: 3650,
      replace: true,
      doc: "Days until it ends.",
    },
    certificate: { type: "string", mode: "output", doc: "The certificate, PEM." },
    privateKey: { type: "string", mode: "output", secret: true, doc: "Its key, PEM (PKCS #8)." },
    caCertificate: { type: "string", mode: "output", doc: "The authority to trust, PEM." },
    notAfter: { type: "string", mode: "output", doc: "When it ends, ISO 8601." },
  },
  async create(_context, { commonName, validityDays }) {
    const { issueCertificate } = await import("./issue.ts");
    const state = await issueCertificate(commonName, validityDays ?? 3650);
    return { id: commonName, state };
  },
  // It exists in the state alone.
  async read(_context, id, { state }) {
    return { id, state };
  },
  async delete() {},
});
