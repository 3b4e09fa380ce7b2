import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { environmentLabel, qualifiedName, validName } from "../../components/naming.ts";
import { R2_NAME_RULE } from "../../components/r2-bucket.ts";

/** What Pulumi accepts as a stack's name. */
const stackName = fc.stringMatching(/^[A-Za-z0-9_.-]{1,100}$/);

describe("names", () => {
  it("keeps an ordinary stack's name as it is", () => {
    expect(environmentLabel("pr-123")).toBe("pr-123");
  });

  it("makes every stack's name fit into the strictest vendor name", () => {
    fc.assert(
      fc.property(stackName, (stack) => {
        const name = `cutty-files-${environmentLabel(stack)}`;
        expect(validName(R2_NAME_RULE, "bucketName", name)).toBe(name);
      }),
    );
  });

  it("never gives two stacks the same label, however alike they look", () => {
    const alike = ["pr-1", "pr_1", "PR-1", "pr.1", "pr--1", "-pr-1", "_", "-", "."];
    const long = [`${"x".repeat(60)}1`, `${"x".repeat(60)}2`];
    const labels = [...alike, ...long].map(environmentLabel);
    expect(new Set(labels).size).toBe(labels.length);
  });

  it("puts the system in front once", () => {
    expect(qualifiedName("qhub", "api")).toBe("qhub-api");
    expect(qualifiedName("qhub", "qhub")).toBe("qhub");
    expect(qualifiedName("qhub", "qhub-api")).toBe("qhub-api");
    expect(qualifiedName("qhub", "qhubapi")).toBe("qhub-qhubapi");
  });

  it("names the field, the value and the rule when the vendor would refuse a name", () => {
    expect(() => validName(R2_NAME_RULE, "bucketName", "My_Files")).toThrow(
      'bucketName "My_Files" is not a valid name for a R2 bucket. Use 3 to 63 lower-case letters',
    );
    expect(() => validName(R2_NAME_RULE, "bucketName", "x".repeat(64))).toThrow(
      "has 64 characters; a R2 bucket has at most 63. Give bucketName a shorter value.",
    );
  });
});
