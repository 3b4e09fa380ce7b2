import { Hono } from "hono";
import { z } from "zod";
import { jsonBody, ok, okPage } from "../envelope.ts";
import { configsWithCertificate } from "../hyperdrive/configs.ts";
import type { ApiContext, ApiEnv, CloudflareService } from "../service.ts";
import {
  deleteCertificate,
  describeCertificate,
  INVALID_CERTIFICATE,
  listCertificates,
  requireCertificate,
  uploadCertificate,
} from "./certificates.ts";

const CERTIFICATES = "/accounts/:account/mtls_certificates";
const CERTIFICATE = `${CERTIFICATES}/:certificate`;
const PAGE = { perPage: 50, maxPerPage: 1000 };

/**
 * Certificates that an account uploads: here those of the authorities that Hyperdrive verifies
 * databases with, and what it shows to databases that ask for a client's certificate.
 * @see https://developers.cloudflare.com/api/resources/mtls_certificates/
 */
export const mtlsCertificatesService: CloudflareService = {
  name: "mtls-certificates",
  routes(cloud) {
    const ofPath = (c: ApiContext) =>
      requireCertificate(cloud, c.get("accountId"), c.req.param("certificate") ?? "");
    const users = (c: ApiContext) =>
      configsWithCertificate(cloud, c.get("accountId"), ofPath(c).id).map(({ name }) => name);

    return new Hono<ApiEnv>()
      .get(CERTIFICATES, (c) =>
        okPage(c, listCertificates(cloud, c.get("accountId")).map(describeCertificate), PAGE),
      )
      .post(CERTIFICATES, async (c) => {
        const body = await jsonBody(c, z.unknown(), INVALID_CERTIFICATE);
        return ok(c, describeCertificate(uploadCertificate(cloud, c.get("accountId"), body)));
      })
      .get(CERTIFICATE, (c) => ok(c, describeCertificate(ofPath(c))))
      .delete(CERTIFICATE, (c) => {
        const certificate = ofPath(c);
        deleteCertificate(cloud, certificate, users(c));
        return ok(c, describeCertificate(certificate));
      })
      .get(`${CERTIFICATE}/associations`, (c) =>
        ok(
          c,
          users(c).map(() => ({ service: "hyperdrive", status: "active" })),
        ),
      );
  },
};
