import type { MTLSCertificateCreateResponse } from "cloudflare/resources/mtls-certificates/mtls-certificates";
import { orMissing } from "../../../../providers/cloudflare-api/fault.ts";
import { present } from "../../present.ts";
import { accountOf, splitId } from "../ids.ts";
import { accountId, define } from "./shared.ts";

/** `cloudflare.MtlsCertificate`. Source: https://developers.cloudflare.com/api/resources/mtls_certificates/ */
export const mtlsCertificate = define({
  token: "cloudflare:index/mtlsCertificate:MtlsCertificate",
  title: "mTLS certificate",
  doc: "A certificate uploaded to the account, of an authority or of a client. https://developers.cloudflare.com/ssl/client-certificates/byo-ca/",
  identity: ["accountId", "name"],
  importFormat: "<account_id>/<mtls_certificate_id>",
  properties: {
    accountId,
    ca: {
      type: "boolean",
      mode: "required",
      replace: true,
      doc: "Whether the certificate is a certificate authority's.",
    },
    certificates: {
      type: "string",
      mode: "required",
      replace: true,
      doc: "The certificate or chain, PEM.",
    },
    name: {
      type: "string",
      mode: "optional",
      replace: true,
      doc: "Unique name, for people to read.",
    },
    privateKey: {
      type: "string",
      mode: "optional",
      replace: true,
      secret: true,
      doc: "The certificate's private key, PEM.",
    },
    expiresOn: { type: "string", mode: "output", doc: "When the certificate expires." },
    issuer: { type: "string", mode: "output", doc: "Who issued the certificate." },
    serialNumber: { type: "string", mode: "output", doc: "The certificate's serial number." },
    signature: { type: "string", mode: "output", doc: "How the certificate is signed." },
    updatedAt: { type: "string", mode: "output", doc: "When it was updated." },
    uploadedOn: { type: "string", mode: "output", doc: "When it was uploaded." },
  },
  parseImportId(id) {
    const parts = splitId(id, ["accountId", "certificateId"]);
    return parts && { id: parts.certificateId ?? "", state: { accountId: parts.accountId } };
  },
  async create({ client }, inputs) {
    const { ca, certificates, name, privateKey } = inputs;
    const made = await client.mtlsCertificates.create({
      ...accountOf(inputs),
      ca,
      certificates,
      ...present({ name, private_key: privateKey }),
    });
    return live(made);
  },
  async read({ client }, id, known) {
    const found = await orMissing(client.mtlsCertificates.get(id, accountOf(known.state)));
    return found && live(found);
  },
  async delete({ client }, id, state) {
    await client.mtlsCertificates.delete(id, accountOf(state));
  },
  async findExisting({ client }, inputs) {
    for await (const each of client.mtlsCertificates.list(accountOf(inputs)))
      if (each.name === inputs.name && each.certificates === inputs.certificates)
        return {
          ...live(each),
          createdAt: each.uploaded_on ? new Date(each.uploaded_on) : undefined,
        };
    return undefined;
  },
});

function live(found: MTLSCertificateCreateResponse) {
  return {
    id: found.id ?? "",
    state: present({
      ca: found.ca,
      certificates: found.certificates,
      name: found.name,
      expiresOn: found.expires_on,
      issuer: found.issuer,
      serialNumber: found.serial_number,
      signature: found.signature,
      updatedAt: found.updated_at,
      uploadedOn: found.uploaded_on,
    }),
  };
}
