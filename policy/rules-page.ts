import type { Rule } from "./rule.ts";

const INTRODUCTION = `# Policies

\`npx bulkhead preview\` and \`up\`, and plain \`pulumi\` with \`--policy-pack policy\`, look at every resource before it is
created, and at the stack as a whole at the end of a preview and of an update, with everything that was made. An update
whose end fails leaves what it made; correct the program and run it again. \`up --yes\` runs no preview before it.
\`npx bulkhead check --all\` applies the same rules to what is deployed.

A rule answers for each place: a violation, not decided yet (a value is known only at \`up\`), or nothing. A *mandatory*
rule stops the preview and the update, an *advisory* one warns. What is against a rule on purpose is written down in
\`policy/settings.yaml\` with an owner, a reason and a date, and is shown in every run until then.

A waiver covers one thing: by its identity as findings show it, by the URN of a resource, by a property's path, or by
several of these (\`*\` stands for any characters). It waives nothing when it is incomplete, expired, more than a year long,
or for everything.

\`\`\`yaml
waivers:
  - rule: separate-accounts
    identity: account:cloudflare/0123456789abcdef0123456789abcdef
    stacks: [dev, staging] # left out: all stacks
    owner: jane@example.com
    reason: Both are throw-away until the second account is approved.
    expires: 2027-03-31
levels: # a rule that is to be less strict needs the same
  - rule: environment-in-name
    level: advisory
    owner: jane@example.com
    reason: The old names go with the next migration.
    expires: 2027-03-31
\`\`\`

This page is made from the rules. After a change there:
\`npx vitest run --project unit test/policy/rules-page.test.ts -u\`
`;

/** docs/policies.md: a table of all rules, and a section for each under its name. */
export function renderRulesPage(rules: readonly Rule[]): string {
  const rows = rules.map(
    ({ name, title, severity, level }) =>
      `| [${name}](#${name}) | ${title} | ${severity} | ${level} |`,
  );
  const table = ["| rule | | severity | level |", "|---|---|---|---|", ...rows].join("\n");
  return [INTRODUCTION, `${table}\n`, ...rules.map(section)].join("\n");
}

function section({ name, title, why, remedy, severity, level, violation, passes }: Rule): string {
  return `## ${name}

${title}. Severity ${severity}, ${level}.

${why}

- Found: ${violation}
- Allowed: ${passes}
- Remedy: ${remedy}
`;
}
