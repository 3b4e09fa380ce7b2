/** Pulumi package schema from property tables, for `pulumi import` and `pulumi package get-schema`. Pure. */
import type { ProviderDefinition } from "./definition.ts";
import type { Properties, PropertyType } from "./properties.ts";
import type { PlainMap, PlainValue } from "./values.ts";

/** The schema of a whole provider. Source: https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/ */
export function packageSchema<Client>(definition: ProviderDefinition<Client>): PlainMap {
  const types: Record<string, PlainMap> = {};
  const tables = (owner: string, module: string) => (properties: Properties) =>
    describe(properties, owner, module, types);
  const config = tables("Provider", "index")(definition.config);
  const required = requiredOf(definition.config);
  return {
    name: definition.name,
    version: definition.version,
    description: definition.doc,
    meta: { moduleFormat: "(.*)(?:/[^/]*)" },
    language: { nodejs: { packageName: definition.npmPackage } },
    config: { variables: config },
    provider: { inputProperties: config, requiredInputs: required },
    resources: Object.fromEntries(
      definition.resources.map((resource) => {
        const { module, name } = splitToken(resource.token);
        const table = tables(name, module);
        const inputs = Object.fromEntries(
          Object.entries(resource.properties).filter(([, each]) => each.mode !== "output"),
        );
        return [
          resource.token,
          {
            description: resource.doc,
            properties: table(resource.properties),
            required: Object.keys(resource.properties).filter(
              (key) => resource.properties[key]?.mode !== "optional",
            ),
            inputProperties: table(inputs),
            requiredInputs: requiredOf(resource.properties),
          },
        ];
      }),
    ),
    functions: Object.fromEntries(
      definition.functions.map((each) => {
        const { module, name } = splitToken(each.token);
        const table = tables(name, module);
        return [
          each.token,
          {
            description: each.doc,
            inputs: { properties: table(each.args), required: requiredOf(each.args) },
            outputs: { properties: table(each.returns), required: Object.keys(each.returns) },
          },
        ];
      }),
    ),
    types,
  };

  function splitToken(token: string): { module: string; name: string } {
    const [, path = "index", name = ""] = token.split(":");
    return { module: path.split("/")[0] ?? path, name };
  }

  function describe(
    properties: Properties,
    owner: string,
    module: string,
    found: Record<string, PlainMap>,
  ): PlainMap {
    const result: Record<string, PlainValue> = {};
    for (const [key, property] of Object.entries(properties))
      result[key] = {
        description: property.doc,
        ...(property.secret ? { secret: true } : {}),
        ...(property.replace ? { willReplaceOnChanges: true } : {}),
        ...(property.deprecated ? { deprecationMessage: property.deprecated } : {}),
        ...typeOf(property.type, `${owner}${key.charAt(0).toUpperCase()}${key.slice(1)}`),
      };
    return result;

    function typeOf(type: PropertyType, name: string): PlainMap {
      if (type === "any") return { $ref: "pulumi.json#/Any" };
      if (typeof type === "string") return { type };
      if ("array" in type) return { type: "array", items: typeOf(type.array, singular(name)) };
      if ("map" in type)
        return { type: "object", additionalProperties: typeOf(type.map, singular(name)) };
      const token = `${definition.name}:${module}/${name}:${name}`;
      found[token] = {
        type: "object",
        properties: describe(type.object, name, module, found),
        required: requiredOf(type.object),
      };
      return { $ref: `#/types/${token}` };
    }
  }
}

function requiredOf(properties: Properties): string[] {
  return Object.entries(properties).flatMap(([key, { mode, autoname }]) =>
    mode === "required" && autoname === undefined ? [key] : [],
  );
}

function singular(name: string): string {
  return name.endsWith("s") ? name.slice(0, -1) : name;
}
