/**
 * Hosts of services that everybody uses with credentials of their own: two stacks that call one of
 * them share nothing by that.
 */
const PUBLIC_HOSTS: ReadonlySet<string> = new Set([
  "accounts.google.com",
  "api.anthropic.com",
  "api.cloudflare.com",
  "api.digitalocean.com",
  "api.github.com",
  "api.mailgun.net",
  "api.openai.com",
  "api.postmarkapp.com",
  "api.resend.com",
  "api.sendgrid.com",
  "api.slack.com",
  "api.stripe.com",
  "api.twilio.com",
  "cdn.jsdelivr.net",
  "challenges.cloudflare.com",
  "fonts.googleapis.com",
  "fonts.gstatic.com",
  "generativelanguage.googleapis.com",
  "github.com",
  "hooks.slack.com",
  "js.stripe.com",
  "login.microsoftonline.com",
  "oauth2.googleapis.com",
  "slack.com",
  "static.cloudflareinsights.com",
  "unpkg.com",
  "www.google.com",
  "www.googleapis.com",
  "www.w3.org",
]);

/** Domains that stand for others in examples, or under which every host is a vendor's own (RFC 2606). */
const PUBLIC_DOMAINS = [
  "example.com",
  "example.net",
  "example.org",
  "schema.org",
  "json-schema.org",
];

/** True for the identity of a host that is nobody's dependency. */
export function isPublicHost(identity: string): boolean {
  const host = identity.startsWith("host:") ? identity.slice("host:".length) : undefined;
  return (
    host !== undefined &&
    (PUBLIC_HOSTS.has(host) || PUBLIC_DOMAINS.some((domain) => host === domain))
  );
}
