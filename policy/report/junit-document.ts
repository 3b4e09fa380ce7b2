/** JUnit XML, in which CI servers read results. */
import { XMLBuilder } from "fast-xml-parser";

const builder = new XMLBuilder({
  ignoreAttributes: false,
  format: true,
  suppressEmptyNode: true,
  suppressBooleanAttributes: false,
});

/** A case; `failure`, `error`, `skipped` and `system-out` say what became of it. */
export interface JunitCase {
  readonly name: string;
  readonly outcome: object;
}

export interface JunitSuite {
  readonly name: string;
  readonly cases: readonly JunitCase[];
}

/** The document of a run. */
export function junitDocument(name: string, suites: readonly JunitSuite[]): string {
  const built = suites.map(suite);
  const total = (attribute: "@_tests" | "@_failures" | "@_errors" | "@_skipped") =>
    built.reduce((sum, each) => sum + each[attribute], 0);
  return builder.build(
    printable({
      "?xml": { "@_version": "1.0", "@_encoding": "UTF-8" },
      testsuites: {
        "@_name": name,
        "@_tests": total("@_tests"),
        "@_failures": total("@_failures"),
        "@_errors": total("@_errors"),
        "@_skipped": total("@_skipped"),
        testsuite: built,
      },
    }),
  );
}

function suite({ name, cases }: JunitSuite) {
  const having = (part: string) => cases.filter(({ outcome }) => part in outcome).length;
  return {
    "@_name": name,
    "@_tests": cases.length,
    "@_failures": having("failure"),
    "@_errors": having("error"),
    "@_skipped": having("skipped"),
    testcase: cases.map((each) => ({
      "@_classname": name,
      "@_name": each.name,
      ...each.outcome,
    })),
  };
}

/** Without the characters that XML 1.0 has no way to write. */
function printable(value: unknown): unknown {
  if (typeof value === "string") return value.replace(UNPRINTABLE, "\ufffd");
  if (Array.isArray(value)) return value.map(printable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, printable(each)]));
}

const UNPRINTABLE = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;
