/** Failures in a vendor's or Pulumi's words, with what to do about them. */
import type { Redactor } from "../redact/redact.ts";

/** Ways in which a look can fail, by words of those who tell; the first that fits counts. */
const KNOWN: readonly { readonly words: RegExp; readonly remedy: (stack: string) => string }[] = [
  {
    words: /passphrase|failed to decrypt|cannot be decrypted|message authentication failed/i,
    remedy: (stack) =>
      `Give the passphrase that ${stack} was deployed with, in PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE, then run again.`,
  },
  {
    words:
      /no Cloudflare API token|authentication (?:error|failed)|unable to authenticate|unauthori[sz]ed|\b401\b|\bcode 10000\b|invalid (?:api|access|security) ?(?:token|key)|InvalidClientTokenId|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|AuthFailure/i,
    remedy: (stack) =>
      `The credentials that ${stack} was deployed with were rotated or have expired: give it valid ones, record them with \`npx bulkhead up ${stack}\`, then run again.`,
  },
  {
    words: /\b429\b|rate.?limit|too many requests|throttl/i,
    remedy: () => "Run again later, or look at fewer stacks at once with --parallel.",
  },
  {
    words:
      /does not answer|ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|timed? ?out|connection (?:refused|reset)|no such host|network is unreachable/i,
    remedy: () =>
      "Check the network, the endpoint that the stack's provider names and the vendor's status, then run again.",
  },
  {
    words:
      /ended by SIG|signal: killed|plugin .*(?:exited|crashed)|error reading from server|connection is closing|code = Unavailable|transport is closing/i,
    remedy: () =>
      "Pulumi or a plugin of it was ended from outside, as a machine without free memory does: run again, with fewer stacks at once by --parallel where it comes again.",
  },
];

const OTHERWISE = "Check the stack's credentials and the vendor's status, then run again.";

/** Pulumi's heading of every error of a preview. */
const HEADING = /^(?:error: )?Preview failed: /;

/**
 * A failure with its remedy: two sentences or more.
 *
 * @param stack as `npx bulkhead up` takes it.
 */
export function advised(message: string, stack: string, redactor: Redactor): string {
  const said = redactor
    .text(message)
    .trim()
    .replace(HEADING, "")
    .replace(/[.:]?$/, ".");
  const remedy = KNOWN.find(({ words }) => words.test(message))?.remedy(stack) ?? OTHERWISE;
  return `${said} ${remedy}`;
}
