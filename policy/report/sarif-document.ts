/** What every SARIF document of this program has in common. Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/ */
import type { Severity } from "../rule.ts";

const SCHEMA =
  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/** GitHub ranks findings by a number from 0 to 10. */
export const SECURITY_SEVERITY: Readonly<Record<Severity, string>> = {
  critical: "9.5",
  high: "8.0",
  medium: "5.5",
  low: "2.5",
};

/** What one run has to say. */
export interface SarifRun {
  readonly toolVersion: string;
  /** Descriptors of rules. */
  readonly rules: readonly object[];
  readonly results: readonly object[];
  /** What could not be looked at: no result of a rule, but without it the run is not complete. */
  readonly problems: readonly string[];
}

/** The document of a run. */
export const sarifDocument = ({ toolVersion, rules, results, problems }: SarifRun): object => ({
  $schema: SCHEMA,
  version: "2.1.0",
  runs: [
    {
      tool: { driver: { name: "bulkhead", version: toolVersion, rules } },
      invocations: [
        {
          executionSuccessful: problems.length === 0,
          toolExecutionNotifications: problems.map((text) => ({
            level: "error",
            message: { text },
          })),
        },
      ],
      columnKind: "utf16CodeUnits",
      results,
    },
  ],
});

/** The resource; and, since GitHub shows nothing without a file, the stack's configuration. */
export function sarifLocation(stack: string, project: string, urn: string | null): object {
  const [owner, name = ""] = stack.split("/");
  const file = owner === project ? `Pulumi.${name}.yaml` : "Pulumi.yaml";
  return {
    logicalLocations: [
      {
        fullyQualifiedName: urn ?? stack,
        name: urn?.split("::").at(-1) ?? stack,
        kind: "resource",
      },
    ],
    physicalLocation: {
      artifactLocation: { uri: encodeURI(file) },
      region: { startLine: 1 },
    },
  };
}

/** `no-shared-secret` → `NoSharedSecret`. */
export const pascalCase = (name: string): string =>
  name.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
