import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { identitiesOfText, type TextContext } from "../../../isolation/identity/index.ts";
import { processorTime } from "../../support/processor-time.ts";
import { hostName } from "./arbitraries.ts";

const ACCOUNT = "fafd471125c7d36ecc18cf14aa317328";
const UUID = "69b513ab-64ca-4a77-884e-f2b0b509b21f";

const identities = (text: string, context: TextContext = {}): string[] =>
  identitiesOfText(text, context).map(({ identity }) => identity);

describe("what a text names", () => {
  it("is one server for every port, database, index and user of a host", () => {
    const url = fc.tuple(
      fc.constantFrom("postgres", "postgresql+asyncpg", "redis", "rediss", "mysql"),
      fc.stringMatching(/^[a-z0-9]{1,8}$/),
      fc.integer({ min: 1, max: 65_535 }),
      fc.stringMatching(/^[a-z0-9_]{0,8}$/),
    );
    const written = (host: string, [scheme, user, port, path]: [string, string, number, string]) =>
      `${scheme}://${user}:pass@${host}:${port}/${path}`;
    fc.assert(
      fc.property(hostName, hostName, url, url, (host, other, one, two) => {
        expect(identities(written(host, one))).toEqual([`server:${host}`]);
        expect(identities(written(host, two))).toEqual([`server:${host}`]);
        fc.pre(host !== other);
        expect(identities(written(other, two))).not.toContain(`server:${host}`);
      }),
    );
  });

  it("is told with its kind", () => {
    const text = `https://api.example ${UUID} arn:aws:sqs:eu-west-1:123456789012:jobs`;
    expect(identitiesOfText(text)).toEqual([
      { identity: "host:api.example", kind: "url" },
      { identity: "arn:aws:sqs:eu-west-1:123456789012:jobs", kind: "id" },
      { identity: `id:${UUID}`, kind: "id" },
    ]);
  });

  it("is told once", () => {
    expect(identities("redis://a.example/0 redis://A.example./1")).toEqual(["server:a.example"]);
  });

  it("is found in a parameter, written as it is or encoded", () => {
    const inner = "postgres://u:p@db.example/x";
    for (const value of [inner, encodeURIComponent(inner)])
      expect(identities(`https://api.example/?to=${value}`)).toEqual([
        "host:api.example",
        "server:db.example",
      ]);
  });

  it("is neither server nor host for schemes that lead to neither", () => {
    expect(
      identities("ssh://git@github.example/x file:///etc/x foo://bar myapp://callback/x"),
    ).toEqual([]);
  });

  it.each([
    "v1.2.3",
    "2026-01-02",
    "12:30",
    "someone@example.com",
    "index.ts",
    "0123456789abcdef0123456789abcdef01234567",
    "request.headers.host",
    "Attention: this is a sentence.",
    "db.example.com",
    "nyc3",
    "*.example.com",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  ])("is nothing for %s", (text) => {
    expect(identities(text)).toEqual([]);
  });
});

describe("what the name of a text says", () => {
  it.each([
    ["PGHOST", "db.example.com", "server:db.example.com"],
    ["DB_HOST", "DB.example.com:6543", "server:db.example.com"],
    ["redisEndpoint", "cache.example.com", "server:cache.example.com"],
    ["MONGO_HOSTS", "a.example.com", "server:a.example.com"],
    ["DATABASE_HOST", "127.0.0.1:5433", "server:loopback:5433"],
    ["hostname", "app.example.com", "host:app.example.com"],
    ["API_HOST", "api.example.com", "host:api.example.com"],
    ["cloudflareAccountId", ACCOUNT, `account:cloudflare/${ACCOUNT}`],
    ["accountTag", ` ${ACCOUNT}\n`, `account:cloudflare/${ACCOUNT}`],
    ["zone_id", ACCOUNT.toUpperCase(), `zone:${ACCOUNT}`],
    ["AWS_ACCOUNT_ID", "123456789012", "account:aws/123456789012"],
    ["namespaceId", ACCOUNT, `id:${ACCOUNT}`],
    ["AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", "id:akiaiosfodnn7example"],
  ])("%s: %s is %s", (name, text, identity) => {
    expect(identities(text, { name })).toEqual([identity]);
  });

  it("counts a port beside a host, which tells what listens there", () => {
    expect(identities("db.example.com", { name: "host", port: 5432 })).toEqual([
      "server:db.example.com",
    ]);
    expect(identities("app.example.com", { name: "host", port: 443 })).toEqual([
      "host:app.example.com",
    ]);
    expect(identities("localhost", { name: "dbHost", port: 5432 })).toEqual([
      "server:loopback:5432",
    ]);
  });

  it.each([
    ["HOST", "0.0.0.0"],
    ["DB_HOST", "localhost"],
    ["DB_HOST", "primary"],
    ["address", "db.example.com"],
    ["ghost", "db.example.com"],
    ["databaseName", "db.example.com"],
    ["timezone", "Europe/Berlin"],
    ["accountName", "123456789"],
    ["md5", ACCOUNT],
    ["etag", ACCOUNT],
    ["API_KEY", UUID],
    ["apiToken", ACCOUNT],
    ["accountToken", ACCOUNT],
    ["CLIENT_SECRET", UUID],
  ])("%s: %s is nothing", (name, text) => {
    expect(identities(text, { name })).toEqual([]);
  });
});

describe("what is told of a secret", () => {
  it("is where it leads, and never an id, which could be the secret itself", () => {
    const text = `postgres://u:${ACCOUNT}@db.example/${UUID}`;
    expect(identities(text, { secret: true })).toEqual(["server:db.example"]);
    expect(identities(UUID, { secret: true })).toEqual([]);
    expect(identities(ACCOUNT, { secret: true, name: "accountId" })).toEqual([]);
  });

  it("is no more where nobody has marked it: user, password and parameters hold no ids", () => {
    for (const text of [
      `postgres://${UUID}:${ACCOUNT}@db.example/x?password=${UUID}`,
      `https:\\/\\/u:${ACCOUNT}@db.example\\/x`,
      `host=db.example user=${UUID} password=${ACCOUNT}`,
    ])
      expect(identities(text).filter((identity) => identity.startsWith("id:"))).toEqual([]);
  });

  it("is never a part of it", () => {
    const word = fc.stringMatching(/^[a-z0-9]{12,32}$/);
    const secret = fc.oneof(fc.uuid(), fc.stringMatching(/^[0-9a-f]{32}$/), word);
    fc.assert(
      fc.property(secret, hostName, (value, host) => {
        for (const text of [
          value,
          `postgres://u:${value}@${host}/x`,
          `redis://:${value}@${host}`,
          `https://${host}/x?token=${value}`,
          `https://${value}@${host}/`,
          `host=${host} password=${value}`,
          JSON.stringify({ token: value, url: `https://${host}` }),
        ])
          for (const identity of identities(text, { secret: true }))
            expect(identity).not.toContain(value);
      }),
    );
  });
});

describe("a program", () => {
  const code =
    'a=b?"https://api.example/x":c("postgres://base");d="0123456789abcdef0123456789abcdef";';

  it("names only what leads to data", () => {
    const data = 'e="postgres://u:p@db.example/x";f="s3://files/x";g="redis://localhost";';
    expect(identities(code.repeat(400) + data)).toEqual(["server:db.example", "s3:files"]);
  });

  const SIZE = 300_000;
  const filled = (part: string): string => part.repeat(Math.ceil(SIZE / part.length));

  const milliseconds = (text: string): number =>
    processorTime(() => {
      identitiesOfText(text);
      identitiesOfText(text.slice(0, 16_000));
    });

  it("is read at once", () => {
    const bundle = `${"function f(a,b){return a.b(c=>c[0]?a:b)};".repeat(20)}${code}`;
    expect(milliseconds(filled(bundle))).toBeLessThan(200);
  });

  // What takes longer than this grows with the square of the size: that would be minutes.
  it.each([
    "a://",
    "a://u@h/?b=",
    "https://h/?a=https%3A%2F%2F",
    "postgres://u:",
    "postgres://h?x=@,",
    "https://",
    "@",
    ",a",
    "host=a port=",
    "user='\\'",
    "arn:aws:",
    "0123456789abcdef-",
    "a.",
    "((((",
    "%41",
    "\\/",
    "\\u0026",
  ])("of %j alone is read in linear time", (part) => {
    expect(milliseconds(filled(part))).toBeLessThan(2000);
    expect(milliseconds(`https://${filled(part)}`)).toBeLessThan(2000);
  });
});
