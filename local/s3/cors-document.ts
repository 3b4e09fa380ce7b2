import { z } from "zod";
import { type CorsRule, corsBody } from "../cloudflare/r2/rules.ts";
import { malformedXml } from "./errors.ts";
import { children, childText, parseXml, texts, xmlDocument } from "./xml.ts";

/** S3's `CORSConfiguration` as R2 keeps it. Throws MalformedXML. */
export function readCorsDocument(text: string): CorsRule[] {
  const document = parseXml(text, "CORSConfiguration");
  const rules = children(document, "CORSRule").map((rule) => ({
    ...optional("id", childText(rule, "ID")),
    allowed: {
      origins: texts(rule, "AllowedOrigin"),
      methods: texts(rule, "AllowedMethod"),
      ...optional("headers", nonEmpty(texts(rule, "AllowedHeader"))),
    },
    ...optional("exposeHeaders", nonEmpty(texts(rule, "ExposeHeader"))),
    ...optional("maxAgeSeconds", numberOf(childText(rule, "MaxAgeSeconds"))),
  }));
  const parsed = z.safeParse(corsBody, { rules });
  if (!parsed.success || rules.length === 0) throw malformedXml();
  return parsed.data.rules;
}

export function corsDocument(rules: readonly CorsRule[]): string {
  return xmlDocument("CORSConfiguration", {
    CORSRule: rules.map(({ id, allowed, exposeHeaders = [], maxAgeSeconds }) => ({
      ...optional("ID", id),
      AllowedOrigin: allowed.origins,
      AllowedMethod: allowed.methods,
      AllowedHeader: allowed.headers ?? [],
      ExposeHeader: exposeHeaders,
      ...optional("MaxAgeSeconds", maxAgeSeconds),
    })),
  });
}

const optional = (name: string, value: unknown) => (value === undefined ? {} : { [name]: value });
const nonEmpty = (values: string[]) => (values.length === 0 ? undefined : values);
const numberOf = (text: string | undefined) => (text === undefined ? undefined : Number(text));
