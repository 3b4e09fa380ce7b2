import { UserError } from "../user-error.ts";

/** Short flags of Pulumi's operations that take no value, so that another one may follow in the same word. */
const SWITCHES = "[defjQry]*";

const flag = (short: string, long: string) =>
  new RegExp(`^(-${SWITCHES}${short}.*|--(${long})(=.*)?)$`);

/**
 * Flags that this program sets itself: a second one would win, and have one stack's operation run
 * with another's config. Source: https://www.pulumi.com/docs/iac/cli/commands/pulumi_up/
 */
const OWN_FLAGS = [
  {
    pattern: flag("c", "config|config-file"),
    reason: "would change which config the stack is run with",
    remedy: (stack: string) =>
      `Edit Pulumi.${stack}.yaml, or use \`pulumi config set -s ${stack} KEY VALUE\` in a shell set up by \`npx bulkhead local env\`.`,
  },
  {
    pattern: flag("s", "stack"),
    reason: "would turn the command to another stack than the one that it names",
    remedy: (stack: string) => `Name that stack in place of ${stack}.`,
  },
  {
    pattern: flag("C", "cwd"),
    reason: "would run another project's program",
    remedy: () => "Run that project's own commands in its folder.",
  },
] as const;

/** @throws UserError for a flag of Pulumi that contradicts what this program sets. */
export function requirePlainFlags(flags: readonly string[], stack: string): void {
  for (const given of flags) {
    const own = OWN_FLAGS.find(({ pattern }) => pattern.test(given));
    if (own !== undefined) {
      throw new UserError(`The flag ${given} ${own.reason}.`, own.remedy(stack));
    }
  }
}
