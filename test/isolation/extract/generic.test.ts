import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { extract, extractText } from "../../../isolation/extract/index.ts";
import { type FactMap, Secret, UNKNOWN } from "../../../isolation/facts.ts";
import { processorTime } from "../../support/processor-time.ts";
import {
  ACCOUNT,
  claimsOf,
  HEX,
  OTHER_UUID,
  referencesOf,
  resource,
  UUID,
  ZONE,
} from "./support.ts";

const TYPE = "acme:cloud/thing:Thing";

describe("a resource of a type that no table knows", () => {
  it.each([
    ["a UUID", { id: UUID.toUpperCase() }, [`id:${UUID}`]],
    ["32 hexadecimal digits", { id: HEX }, [`id:${HEX}`]],
    ["an id that says what it is", { id: "vpc-0123456789abcdef0" }, ["id:vpc-0123456789abcdef0"]],
    [
      "an ARN",
      { id: "arn:aws:sns:eu-west-1:123456789012:a" },
      ["arn:aws:sns:eu-west-1:123456789012:a"],
    ],
    [
      "an ARN among its outputs",
      { id: "a", outputs: { arn: "arn:aws:sns:eu-west-1:123456789012:a" } },
      ["arn:aws:sns:eu-west-1:123456789012:a"],
    ],
    ["its account", { id: "a", inputs: { accountId: ACCOUNT } }, [`resource:${TYPE}/${ACCOUNT}/a`]],
    [
      "its zone before its account",
      { id: "a", inputs: { accountId: ACCOUNT, zoneId: ZONE } },
      [`resource:${TYPE}/${ZONE}/a`],
    ],
    ["its region", { id: "a", inputs: { region: "eu-west-1" } }, [`resource:${TYPE}/eu-west-1/a`]],
    [
      "a scope with a slash",
      { id: "a/b", inputs: { project: "x/y" } },
      [`resource:${TYPE}/x:y/a/b`],
    ],
    ["its id alone", { id: "a" }, [`resource:${TYPE}/-/a`]],
  ])("is claimed by %s", (_, facts, claims) => {
    expect(claimsOf(resource({ type: TYPE, ...facts }))).toEqual(claims);
  });

  const provider = (inputs: FactMap) => ({
    urn: "urn:pulumi:dev::shop::pulumi:providers:acme::main",
    type: "pulumi:providers:acme",
    name: "main",
    inputs,
  });

  it.each([
    [{ project: "shop-dev" }, "shop-dev"],
    [{ context: "dev-cluster" }, "dev-cluster"],
    [{ host: new Secret("db.example.com"), owner: "acme" }, "acme"],
    [{ host: new Secret("db.example.com") }, "-"],
  ])(
    "is in the scope that its provider tells by %j, where its inputs tell none",
    (inputs, scope) => {
      const facts = { type: TYPE, id: "a", provider: provider(inputs) };
      expect(claimsOf(resource(facts))).toEqual([`resource:${TYPE}/${scope}/a`]);
      expect(claimsOf(resource({ ...facts, inputs: { region: "eu-west-1" } }))).toEqual([
        `resource:${TYPE}/eu-west-1/a`,
      ]);
    },
  );

  it("is a part of another thing where its id is that one's", () => {
    for (const [id, databaseId] of [
      [UUID, UUID.toUpperCase()],
      [UUID.toUpperCase(), UUID],
    ] as const) {
      const facts = resource({ type: TYPE, id, inputs: { databaseId } });
      expect(claimsOf(facts)).toEqual([`resource:${TYPE}/-/${id}`]);
      expect(referencesOf(facts)).toEqual([`id databaseId id:${UUID}`]);
    }
  });

  it("is not claimed before it has an id", () => {
    expect(extract(resource({ type: TYPE }))).toEqual({ claims: [], references: [], unknown: [] });
  });

  it("is a reference where it is read, by every identity that it has", () => {
    const facts = resource({
      type: TYPE,
      id: UUID,
      external: true,
      outputs: { arn: "arn:aws:sns:eu-west-1:123456789012:a", self: UUID },
    });
    expect(claimsOf(facts)).toEqual([]);
    expect(referencesOf(facts)).toEqual([
      `read id id:${UUID}`,
      "read arn arn:aws:sns:eu-west-1:123456789012:a",
    ]);
  });

  it("is not known to be read while its id is not known", () => {
    expect(extract(resource({ type: TYPE, external: true })).unknown).toEqual(["id"]);
  });
});

describe("the texts of any resource", () => {
  const references = (inputs: FactMap, outputs: FactMap = {}): string[] =>
    referencesOf(resource({ type: TYPE, inputs, outputs }));

  it("are read at every depth, secret or not, with their paths", () => {
    expect(
      references(
        {
          a: [{ "b.c": "https://api.example.com" }],
          d: new Secret({ e: "redis://:p@cache.example.com" }),
        },
        { f: { g: UUID } },
      ),
    ).toEqual([
      'url a[0]["b.c"] host:api.example.com',
      "url d.e server:cache.example.com",
      `id f.g id:${UUID}`,
    ]);
  });

  it("count once a path, and not where the resource itself is meant", () => {
    const url = "https://api.example.com";
    expect(references({ url }, { url, again: url })).toEqual([
      "url url host:api.example.com",
      "url again host:api.example.com",
    ]);
    const own = resource({
      type: TYPE,
      id: UUID,
      outputs: { self: `https://acme.example/${UUID}` },
    });
    expect(referencesOf(own)).toEqual(["url self host:acme.example"]);
  });

  it("have the name of the variable that they are the value of", () => {
    expect(
      references({
        env: [
          { name: "DB_HOST", value: "db.example.com" },
          { key: "ETAG", value: HEX },
          { key: "ACCOUNT_ID", value: ACCOUNT },
          { name: "db.example.com", value: "x" },
        ],
      }),
    ).toEqual([
      "name env[0].value server:db.example.com",
      `account env[2].value account:cloudflare/${ACCOUNT}`,
    ]);
  });

  it("that are numbers or words alone are no JSON", () => {
    expect(references({ awsAccountId: "123456789012", a: "true" })).toEqual([
      "account awsAccountId account:aws/123456789012",
    ]);
  });

  it("that are JSON are read as what they hold", () => {
    const containers = [{ environment: [{ name: "PGHOST", value: "db.example.com" }] }];
    expect(references({ definitions: JSON.stringify(containers) })).toEqual([
      "name definitions server:db.example.com",
    ]);
    expect(references({ broken: `{"host": "redis://cache.example.com` })).toEqual([
      "url broken server:cache.example.com",
    ]);
  });

  it("count with the port beside them", () => {
    expect(references({ origin: { host: "db.example.com", port: 5432 } })).toEqual([
      "name origin.host server:db.example.com",
    ]);
    expect(references({ origin: { host: "app.example.com", port: 443 } })).toEqual([
      "name origin.host host:app.example.com",
    ]);
  });

  it("of the engine's own are left out", () => {
    expect(
      references(
        {
          __defaults: [UUID],
          file: { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17" },
        },
        { __meta: `{"e2bfb730-ecaa-11e6-8f88-34363bc7c4c0":{"create":60}}` },
      ),
    ).toEqual([]);
  });

  it("that are an account or a zone are no ids of other things", () => {
    const inputs = { accountId: ACCOUNT, zoneId: ZONE, note: `${ACCOUNT} ${ZONE} ${HEX}` };
    const facts = resource({ type: "cloudflare:index/acme:Acme", inputs });
    expect(referencesOf(facts)).toEqual([
      `account accountId account:cloudflare/${ACCOUNT}`,
      `id zoneId zone:${ZONE}`,
      `id note id:${HEX}`,
    ]);
  });

  it("lead to a bucket of the resource's own account by r2://", () => {
    const inputs = { accountId: ACCOUNT, path: "r2://files/a" };
    expect(referencesOf(resource({ type: "cloudflare:index/acme:Acme", inputs }))).toEqual([
      `account accountId account:cloudflare/${ACCOUNT}`,
      `url path r2:${ACCOUNT}/files`,
      `account path account:cloudflare/${ACCOUNT}`,
    ]);
  });

  it("nested without end end the search, not the program", () => {
    const deep = "[".repeat(10_000) + "]".repeat(10_000);
    let value: FactMap = { url: "https://api.example.com" };
    for (let depth = 0; depth < 2000; depth += 1) value = { value };
    expect(references({ deep })).toEqual([]);
    expect(references(value)).toEqual([]);
  });
});

describe("a secret in any resource", () => {
  it("is never told, nor a part of it, whatever the property that holds it", () => {
    const secret = fc.oneof(
      fc.uuid(),
      fc.stringMatching(/^[0-9a-f]{32}$/),
      fc.stringMatching(/^[0-9]{12}$/),
      fc.stringMatching(/^[a-z0-9]{12,24}$/),
    );
    const name = fc.constantFrom(
      "accountId",
      "zoneId",
      "region",
      "host",
      "dbHost",
      "id",
      "value",
      "x",
    );
    const url = fc.constantFrom("", "redis://:", "postgres://", "https://");
    fc.assert(
      fc.property(secret, name, url, (value, key, scheme) => {
        const text = scheme === "" ? value : `${scheme}${value}@cache.example.com/0?key=${value}`;
        const held: FactMap = {
          [key]: new Secret(text),
          list: [{ name: key, value: new Secret(text) }],
        };
        const provider = { urn: "p", type: "pulumi:providers:acme", name: "p", inputs: held };
        const facts = resource({
          type: TYPE,
          id: "a",
          inputs: held,
          outputs: { deep: held },
          provider,
        });
        expect(JSON.stringify(extract(facts))).not.toContain(value);
      }),
    );
  });
});

describe("what is not known yet", () => {
  it("is told for every input, at any depth, and not for outputs that name nothing", () => {
    const inputs = { a: UNKNOWN, b: [{ c: new Secret(UNKNOWN) }], __defaults: UNKNOWN };
    const { unknown } = extract(resource({ type: TYPE, inputs, outputs: { d: UNKNOWN } }));
    expect(unknown).toEqual(["a", "b[0].c"]);
  });

  it("is told for an output that names another thing", () => {
    const outputs = { privateNetworkUuid: UNKNOWN };
    const type = "digitalocean:index/databaseCluster:DatabaseCluster";
    expect(extract(resource({ type, outputs })).unknown).toEqual(["privateNetworkUuid"]);
  });

  it("is told for what is read, and not for what the vendor gives to a thing that is new", () => {
    const facts = {
      type: "cloudflare:index/d1Database:D1Database",
      inputs: { accountId: ACCOUNT, name: "shop" },
      outputs: { uuid: UNKNOWN },
    };
    expect(extract(resource(facts)).unknown).toEqual([]);
    expect(extract(resource({ ...facts, external: true })).unknown).toEqual(["uuid", "id"]);
  });

  it("is not what is sealed", () => {
    expect(extract(resource({ type: TYPE, inputs: { a: new Secret(undefined) } })).unknown).toEqual(
      [],
    );
  });
});

describe("a text that belongs to no resource", () => {
  const find = (path: string, text: string, secret?: boolean): string[] =>
    extractText("config", path, text, secret).map(
      ({ urn, kind, path: at, identity }) => `${urn} ${kind} ${at} ${identity}`,
    );

  it("is read with the name that its path ends in", () => {
    expect(find("shop:databaseHost", "db.example.com")).toEqual([
      "config name shop:databaseHost server:db.example.com",
    ]);
    expect(find("systems.shop.hosts[0]", "app.example.com")).toEqual([
      "config name systems.shop.hosts[0] host:app.example.com",
    ]);
  });

  it("tells ids only where it is said to be no secret", () => {
    expect(find("shop:databaseId", OTHER_UUID)).toEqual([]);
    expect(find("shop:databaseId", OTHER_UUID, false)).toEqual([
      `config id shop:databaseId id:${OTHER_UUID}`,
    ]);
    expect(find("shop:url", `postgres://u:${HEX}@db.example.com/x`)).toEqual([
      "config url shop:url server:db.example.com",
    ]);
  });
});

describe("an estate", () => {
  it("of thirty resources is read at once", () => {
    const content = "function a(b){return b.c}".repeat(4000);
    const estate = Array.from({ length: 30 }, (_, index) =>
      resource({
        type: "cloudflare:index/workersScript:WorkersScript",
        id: `api-${index}`,
        inputs: {
          accountId: ACCOUNT,
          scriptName: `api-${index}`,
          content: index % 10 === 0 ? content : "export default {}",
          bindings: [
            { name: "DB", type: "d1", databaseId: UUID },
            { name: "URL", type: "secret_text", text: new Secret("redis://:p@cache.example.com") },
          ],
        },
      }),
    );
    const read = () =>
      processorTime(() => {
        for (const facts of estate) extract(facts);
      });
    // The best of several: the first ones compile, and others may use the caches.
    expect(Math.min(...Array.from({ length: 7 }, read))).toBeLessThan(50);
  });
});
