import { describe, expect, it } from "vitest";
import { r2LifecycleRules } from "../../components/r2-bucket.ts";

const DAY = 86_400;

describe("lifecycle rules on R2", () => {
  it("count in seconds, and keep the vendor's rule for unfinished uploads", () => {
    expect(
      r2LifecycleRules([
        { id: "old", prefix: "tmp/", expireAfterDays: 30, infrequentAccessAfterDays: 7 },
      ]),
    ).toEqual([
      {
        id: "old",
        enabled: true,
        conditions: { prefix: "tmp/" },
        deleteObjectsTransition: { condition: { type: "Age", maxAge: 30 * DAY } },
        storageClassTransitions: [
          { condition: { type: "Age", maxAge: 7 * DAY }, storageClass: "InfrequentAccess" },
        ],
      },
      {
        id: "abort-unfinished-uploads",
        enabled: true,
        conditions: { prefix: "" },
        abortMultipartUploadsTransition: { condition: { type: "Age", maxAge: 7 * DAY } },
      },
    ]);
  });

  it("replace that rule by one of their own", () => {
    const rules = r2LifecycleRules([{ id: "mine", abortMultipartAfterDays: 2 }]);
    expect(rules.map(({ id }) => id)).toEqual(["mine"]);
  });

  it("refuse a rule that acts at once", () => {
    expect(() => r2LifecycleRules([{ id: "now", expireAfterDays: 0 }])).toThrow(
      'lifecycle rule "now" acts after 0 days',
    );
  });
});
