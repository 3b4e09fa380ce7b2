import { describe, expect, it } from "vitest";
import { extract, stackClaim } from "../../../isolation/extract/index.ts";
import { PULUMI } from "../../../isolation/extract/pulumi.ts";
import { Secret } from "../../../isolation/facts.ts";
import { ACCOUNT, claimsOf, describeTable, HEX, referencesOf, resource, UUID } from "./support.ts";

const STACK_REFERENCE = "pulumi:pulumi:StackReference";

describeTable("the engine's own types", PULUMI, [
  {
    type: STACK_REFERENCE,
    id: "organization/shop/prod",
    inputs: { name: "organization/shop/prod" },
    claims: [],
    references: ["stack-reference name stack:shop/prod"],
  },
  {
    type: "pulumi:providers:aws",
    id: UUID,
    inputs: {
      assumeRole: '{"roleArn":"arn:aws:iam::111111111111:role/deploy"}',
      assumeRoles: '[{"roleArn":"arn:aws:iam::222222222222:role/deploy"}]',
    },
    claims: [],
    references: [
      "account assumeRole account:aws/111111111111",
      "account assumeRoles account:aws/222222222222",
      "id assumeRole arn:aws:iam::111111111111:role/deploy",
      "id assumeRoles arn:aws:iam::222222222222:role/deploy",
    ],
  },
]);

describe("a reference to a stack", () => {
  const reference = (name: string): string[] =>
    referencesOf(resource({ type: STACK_REFERENCE, external: true, id: name, inputs: { name } }));

  it.each([
    ["acme/shop/prod", "stack:shop/prod"],
    ["shop/prod", "stack:shop/prod"],
    ["other/prod", "stack:other/prod"],
    ["prod", "stack:shop/prod"],
  ])("%s is %s", (name, identity) => {
    expect(reference(name)).toEqual([`stack-reference name ${identity}`]);
  });

  it("tells nothing of the other stack's outputs, which stand where they are used", () => {
    const outputs = {
      name: "prod",
      outputs: { databaseId: UUID, url: new Secret("redis://a.example") },
    };
    expect(
      referencesOf(resource({ type: STACK_REFERENCE, external: true, id: "prod", outputs })),
    ).toEqual(["stack-reference name stack:shop/prod"]);
  });

  it("meets the claim of the stack itself, whatever the organisation", () => {
    const name = { project: "shop", stack: "prod" };
    expect(stackClaim(name)).toEqual({
      identity: "stack:shop/prod",
      urn: "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod",
      path: "",
    });
    expect(stackClaim({ ...name, organization: "acme" })).toEqual(stackClaim(name));
    expect(stackClaim({ ...name, stack: "dev" }).identity).toBe("stack:shop/dev");
  });
});

describe("a provider", () => {
  it("claims nothing, and tells its account", () => {
    const aws = resource({
      type: "pulumi:providers:aws",
      id: UUID,
      inputs: { region: "eu-west-1", allowedAccountIds: '["123456789012"]' },
    });
    expect(extract(aws)).toMatchObject({ claims: [], unknown: [] });
    expect(referencesOf(aws)).toEqual(["account allowedAccountIds account:aws/123456789012"]);
    const acme = resource({
      type: "pulumi:providers:acme",
      id: UUID,
      inputs: { accountId: ACCOUNT },
    });
    expect(claimsOf(acme)).toEqual([]);
    expect(referencesOf(acme)).toEqual([`account accountId account:cloudflare/${ACCOUNT}`]);
  });

  it("tells the server that it manages, and no token", () => {
    const inputs = {
      host: "db.example.com",
      port: "5432",
      username: "app",
      password: new Secret(HEX),
    };
    expect(
      referencesOf(resource({ type: "pulumi:providers:postgresql", id: UUID, inputs })),
    ).toEqual(["name host server:db.example.com"]);
    const token = { apiToken: new Secret(HEX) };
    expect(referencesOf(resource({ type: "pulumi:providers:cloudflare", inputs: token }))).toEqual(
      [],
    );
  });
});
