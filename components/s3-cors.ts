import type { CorsRule } from "./bucket-vendor.ts";

/** A rule in the words of the S3 API, which Spaces speaks too. */
export const s3CorsRule = (rule: CorsRule) => ({
  allowedOrigins: [...rule.origins],
  allowedMethods: [...rule.methods],
  ...(rule.headers ? { allowedHeaders: [...rule.headers] } : {}),
  ...(rule.exposeHeaders ? { exposeHeaders: [...rule.exposeHeaders] } : {}),
  ...(rule.maxAgeSeconds === undefined ? {} : { maxAgeSeconds: rule.maxAgeSeconds }),
});
