import { type FactValue, isFactMap, Unknown } from "../isolation/facts.ts";

/**
 * Whether a bucket's policy (an IAM document, as JSON or as a value) lets everybody in: a statement
 * that allows, for the principal `*`, without a condition. Undefined while that is not known.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
 */
export function letsEverybodyIn(policy: FactValue | undefined): boolean | undefined {
  if (policy instanceof Unknown) return undefined;
  const document = typeof policy === "string" ? parsed(policy) : policy;
  if (!isFactMap(document)) return false;
  const { Statement } = document;
  if (Statement instanceof Unknown) return undefined;
  const statements: readonly FactValue[] = Array.isArray(Statement) ? Statement : [Statement ?? {}];
  return statements.some(
    (statement) =>
      isFactMap(statement) &&
      statement.Effect === "Allow" &&
      statement.Condition === undefined &&
      isAnybody(statement.Principal),
  );
}

function isAnybody(principal: FactValue | undefined): boolean {
  if (isFactMap(principal)) return isAnybody(principal.AWS);
  return Array.isArray(principal) ? principal.includes("*") : principal === "*";
}

function parsed(json: string): FactValue | undefined {
  try {
    return JSON.parse(json) as FactValue;
  } catch {
    return undefined;
  }
}
