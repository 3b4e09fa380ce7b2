/** Check: does a program's input fit the property table? Pure. */
import {
  childPath,
  describeType,
  inputNames,
  type Properties,
  type PropertyType,
} from "./properties.ts";
import {
  containsSecret,
  isEngineKey,
  isMap,
  OutputValue,
  type PropertyMap,
  type PropertyValue,
  Secret,
  Unknown,
} from "./values.ts";

/** One reason why inputs are refused. `property` is a path; empty for the whole resource. */
export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

/** Inputs as the engine shall record them, and why they are refused, if they are. */
export interface CheckResult {
  readonly inputs: PropertyMap;
  readonly failures: readonly CheckFailure[];
}

/**
 * Checks named inputs against a table. `owner` names the resource type or provider in messages.
 * Secret and unknown tags are kept; engine keys and nulls are dropped. Messages never quote a secret.
 */
export function checkInputs(owner: string, properties: Properties, news: PropertyMap): CheckResult {
  const failures: CheckFailure[] = [];
  const inputs = checkMap(owner, properties, news, "", failures);
  return { inputs, failures };
}

function checkMap(
  owner: string,
  properties: Properties,
  news: PropertyMap,
  path: string,
  failures: CheckFailure[],
): PropertyMap {
  const inputs: Record<string, PropertyValue> = {};
  for (const [name, value] of Object.entries(news)) {
    if (isEngineKey(name) || value === null) continue;
    const at = childPath(path, name);
    const property = properties[name];
    if (property === undefined || property.mode === "output") {
      failures.push({
        property: at,
        reason: `"${at}" is not a property that ${owner} supports. Supported here: ${inputNames(properties).join(", ")}.`,
      });
      continue;
    }
    inputs[name] = checkValue(owner, property.type, value, at, failures);
    checkAllowed(owner, property.values, value, at, failures);
  }
  for (const name of inputNames(properties))
    if (properties[name]?.mode === "required" && inputs[name] === undefined) {
      const at = childPath(path, name);
      failures.push({
        property: at,
        reason: `"${at}" is missing. ${owner} requires it: ${properties[name]?.doc ?? ""}`,
      });
    }
  return inputs;
}

function checkValue(
  owner: string,
  type: PropertyType,
  value: PropertyValue,
  path: string,
  failures: CheckFailure[],
): PropertyValue {
  if (value instanceof Unknown) return value;
  if (value instanceof Secret)
    return new Secret(checkValue(owner, type, value.value, path, failures));
  if (value instanceof OutputValue)
    return value.value === undefined
      ? value
      : new OutputValue(
          checkValue(owner, type, value.value, path, failures),
          value.secret,
          value.dependencies,
        );
  if (type === "any") return value;
  if (typeof type === "string") {
    if (!isScalar(type, value)) failures.push(wrongType(owner, type, value, path));
    return value;
  }
  if ("array" in type) {
    if (!Array.isArray(value)) {
      failures.push(wrongType(owner, type, value, path));
      return value;
    }
    return value.map((item, index) =>
      checkValue(owner, type.array, item, childPath(path, index), failures),
    );
  }
  if (!isMap(value)) {
    failures.push(wrongType(owner, type, value, path));
    return value;
  }
  const map = value as PropertyMap;
  if ("object" in type) return checkMap(owner, type.object, map, path, failures);
  const entries = Object.entries(map).filter(([key]) => !isEngineKey(key));
  return Object.fromEntries(
    entries.map(([key, item]) => [
      key,
      checkValue(owner, type.map, item, childPath(path, key), failures),
    ]),
  );
}

function checkAllowed(
  owner: string,
  values: readonly string[] | undefined,
  value: PropertyValue,
  path: string,
  failures: CheckFailure[],
): void {
  if (values === undefined || typeof value !== "string" || containsSecret(value)) return;
  if (values.includes(value)) return;
  failures.push({
    property: path,
    reason: `"${path}" is ${JSON.stringify(value)}, which ${owner} does not know. Use one of: ${values.join(", ")}.`,
  });
}

function isScalar(type: string, value: PropertyValue): boolean {
  if (type === "integer") return typeof value === "number" && Number.isInteger(value);
  return typeof value === type;
}

function wrongType(
  owner: string,
  type: PropertyType,
  value: PropertyValue,
  path: string,
): CheckFailure {
  const found = value === null ? "null" : Array.isArray(value) ? "a list" : `a ${typeof value}`;
  return {
    property: path,
    reason: `"${path}" of ${owner} must be ${describeType(type)}, and is ${found}. Correct it in the program.`,
  };
}
