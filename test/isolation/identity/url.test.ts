import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findUrls, type ParsedUrl, parseUrl } from "../../../isolation/identity/url.ts";
import { hostName } from "./arbitraries.ts";

/** The hosts of a text's URLs, as `host:port`. */
const hostsIn = (text: string): string[] =>
  findUrls(text).flatMap(({ hosts }) =>
    hosts.map(({ host, port }) => (port === undefined ? host : `${host}:${port}`)),
  );

const parts = (text: string): Partial<ParsedUrl> => {
  const { text: whole, ...rest } = parseUrl(text) ?? {};
  return rest;
};

describe("a URL taken apart", () => {
  it("is told in all its parts", () => {
    expect(
      parseUrl("postgresql+psycopg2://app:s3cret@db.example:6543/shop?sslmode=require"),
    ).toEqual({
      text: "postgresql+psycopg2://app:s3cret@db.example:6543/shop?sslmode=require",
      scheme: "postgresql+psycopg2",
      hosts: [{ host: "db.example", port: 6543 }],
      user: "app",
      password: "s3cret",
      path: "/shop",
      query: [["sslmode", "require"]],
    });
  });

  it.each([
    ["postgres://h1:5432,h2:5433/db", ["h1:5432", "h2:5433"]],
    ["mongodb://a,b:27018/db?replicaSet=rs", ["a", "b:27018"]],
    ["mongodb+srv://u:p@cluster0.ab1cd.mongodb.net/db", ["cluster0.ab1cd.mongodb.net"]],
    ["redis://:p@[2001:db8::5]:6379/2", ["2001:db8::5:6379"]],
    ["rediss://default:p@cache.example:6380", ["cache.example:6380"]],
    [
      "redis-sentinel://:p@s1.example:26379,s2.example:26379/mymaster",
      ["s1.example:26379", "s2.example:26379"],
    ],
    ["amqps://u:p@mq.example/vhost", ["mq.example"]],
    ["mysql://u:p@db.example/app", ["db.example"]],
    ["jdbc:postgresql://db.example:5432/app?user=u&password=p", ["db.example:5432"]],
    ["jdbc:postgresql://db.example/app?user=me@corp.example", ["db.example"]],
    [
      "jdbc:sqlserver://sql.example:1433;databaseName=a;password=p@other.example",
      ["sql.example:1433"],
    ],
    [
      "postgresql:///shop?host=db1.example,db2.example&port=5433",
      ["db1.example:5433", "db2.example:5433"],
    ],
    ["postgresql://pooler.example/shop?host=db.example", ["db.example"]],
    ["postgresql://localhost/db?host=/var/run/postgresql", ["localhost"]],
    ["postgresql://%2Fvar%2Frun%2Fpostgresql/db", []],
    ["file:///etc/passwd", []],
    ["postgres://user:p@$HOST:5432/db", []],
    ["postgres://user:p@HOST:PORT/db", []],
  ])("%s leads to %j", (text, hosts) => {
    expect(parseUrl(text)).toBeDefined();
    expect(hostsIn(text)).toEqual(hosts);
  });

  it.each([
    ["host=db.example port=5432 user=app password=s3cret dbname=shop", "db.example:5432", "s3cret"],
    ["host = 'db.example' password='it''s'", "db.example", "it"],
    ["host=db.example password='a b\\'c\\\\d'", "db.example", "a b'c\\d"],
    ["hostaddr=10.0.0.5 user=app password=p", "10.0.0.5", "p"],
    ["hostaddr=2001:db8::5 user=app password=p", "2001:db8::5", "p"],
    ["user=app\n host=db.example\n port=6543", "db.example:6543", undefined],
  ])("%j leads to %j", (text, host, password) => {
    expect(hostsIn(text)).toEqual([host]);
    expect(findUrls(text)[0]).toMatchObject({ scheme: "postgresql", password });
  });

  it("means the same server by libpq's host and hostaddr", () => {
    expect(hostsIn("host=db.example hostaddr=10.0.0.5 dbname=x")).toEqual([
      "db.example",
      "10.0.0.5",
    ]);
  });

  it.each([
    "host=/var/run/postgresql dbname=x",
    "host=@abstract dbname=x",
    "host=db.example",
    "virtualhost=db.example port=1",
    "host=; port=1",
    "The host=port rule",
  ])("takes %j for no connection string", (text) => {
    expect(findUrls(text)).toEqual([]);
  });

  it("resolves percent-encoding in user, password and parameters", () => {
    expect(
      parts("postgres://a%40b:p%40s%2Fs%3Aw%25@db.example/x?options=-c%20a%3Db"),
    ).toMatchObject({
      user: "a@b",
      password: "p@s/s:w%",
      query: [["options", "-c a=b"]],
    });
  });

  it("leaves a percent sign that encodes nothing as it is", () => {
    expect(parts("redis://u:100%sure%ff@db.example")).toMatchObject({ password: "100%sure%ff" });
  });

  it("takes a password that is not encoded as it is", () => {
    expect(parts("postgres://u:p@s/s:w#o?rd@db.example:6543/x?a=b")).toMatchObject({
      user: "u",
      password: "p@s/s:w#o?rd",
      hosts: [{ host: "db.example", port: 6543 }],
      path: "/x",
    });
  });

  it("takes a password for one that holds what usually begins the parameters", () => {
    expect(parts("postgres://u:p?a=b@db.example/x")).toMatchObject({
      password: "p?a=b",
      hosts: [{ host: "db.example" }],
    });
  });

  it("takes no @ in the parameters for the end of the password", () => {
    expect(parts("postgres://u:p@db.example/x?user=me@corp.example")).toMatchObject({
      password: "p",
      hosts: [{ host: "db.example" }],
      query: [["user", "me@corp.example"]],
    });
  });

  it("tells a user without a password, and parameters without a value", () => {
    expect(parts("https://token@api.example/?debug&a=b=c")).toMatchObject({
      user: "token",
      password: undefined,
      query: [
        ["debug", ""],
        ["a", "b=c"],
      ],
    });
  });

  it("tells user and password where the host is a placeholder", () => {
    expect(parts("postgres://u:p@$HOST")).toMatchObject({ user: "u", password: "p", hosts: [] });
  });

  it("minds no case in schemes", () => {
    expect(parts("JDBC:PostgreSQL://db.example/x")).toMatchObject({ scheme: "postgresql" });
  });

  it("takes no port that there cannot be", () => {
    expect(hostsIn("redis://a.example:65535")).toEqual(["a.example:65535"]);
    expect(hostsIn("redis://a.example:65536/0")).toEqual([]);
    expect(hostsIn("redis://a.example:0/0")).toEqual([]);
    expect(hostsIn("host=a.example port=zero user=u")).toEqual(["a.example"]);
    expect(hostsIn("host=a.example port=0 user=u")).toEqual(["a.example"]);
  });

  it("keeps two connection strings of keywords apart", () => {
    const text = "host=a.example password=p and host=b.example password=q";
    expect(findUrls(text).map(({ password }) => password)).toEqual(["p", "q"]);
  });

  it("tells libpq's other keywords as parameters", () => {
    expect(findUrls("host=db.example user=u password=p dbname=x sslmode=require")).toEqual([
      {
        text: "host=db.example user=u password=p dbname=x sslmode=require",
        scheme: "postgresql",
        hosts: [{ host: "db.example", port: undefined }],
        user: "u",
        password: "p",
        path: "/x",
        query: [["sslmode", "require"]],
      },
    ]);
  });

  it("knows where WHATWG ends the authority of what is no server", () => {
    expect(parts("https://api.example/users/@me?next=a@b")).toMatchObject({
      hosts: [{ host: "api.example", port: undefined }],
      user: undefined,
      path: "/users/@me",
    });
  });

  it.each(["", "postgres", "a:b", "see https://a.example", "https://a.example and more", "12:30"])(
    "takes %j for no URL",
    (text) => {
      expect(parseUrl(text)).toBeUndefined();
    },
  );

  const scheme = fc.constantFrom("postgres", "redis", "mysql", "amqps", "https", "mongodb+srv");
  const other = fc.stringMatching(/^[a-z0-9]{1,8}$/);

  it("finds any password that is encoded", () => {
    const password = fc.string({ unit: "grapheme", minLength: 1 });
    fc.assert(
      fc.property(scheme, other, password, hostName, (name, user, secret, host) => {
        const text = `${name}://${user}:${encodeURIComponent(secret)}@${host}/db?a=b`;
        expect(parts(text)).toMatchObject({ user, password: secret, hosts: [{ host }] });
      }),
    );
  });

  it("finds a server's password that is not encoded, whatever a URL usually means by it", () => {
    const raw = fc.stringMatching(/^[A-Za-z0-9@/:#&=+!$;,.~*()_-]{1,40}$/);
    fc.assert(
      fc.property(
        fc.constantFrom("postgres", "redis", "mysql"),
        raw,
        hostName,
        (name, secret, host) => {
          fc.pre(!/[,;]\w[\w+-]*:\/\//.test(secret));
          expect(parts(`${name}://u:${secret}@${host}/db`)).toMatchObject({
            user: "u",
            password: secret,
            hosts: [{ host }],
          });
        },
      ),
    );
  });
});

describe("the URLs of a text", () => {
  it.each([
    [
      "DATABASE_URL=postgres://u:p@db.example/x REDIS_URL=redis://cache.example",
      ["db.example", "cache.example"],
    ],
    [
      '{"a":{"url":"amqps://u:p@mq.example/v"},"b":["https://api.example/x"]}',
      ["mq.example", "api.example"],
    ],
    ['{"a":"https:\\/\\/api.example\\/x"}', ["api.example"]],
    ["export URL='mysql://u:p@db.example/x';", ["db.example"]],
    ["(see https://api.example/docs).", ["api.example"]],
    ["is it http://[2001:db8::5]?", ["2001:db8::5"]],
    ["redis://a.example,redis://b.example", ["a.example", "b.example"]],
    ["https://proxy.example/?to=postgres://u:p@db.example/x", ["proxy.example", "db.example"]],
    ["<a href=https://api.example>", ["api.example"]],
    ["{https://api.example}", ["api.example"]],
    ["host=a.example port=1 and host=b.example port=2", ["a.example:1", "b.example:2"]],
  ])("%s are at %j", (text, hosts) => {
    expect(hostsIn(text)).toEqual(hosts);
  });

  it("may hold a quotation mark where they stand alone", () => {
    expect(findUrls(" redis://:it's@cache.example\n")[0]).toMatchObject({ password: "it's" });
  });

  it("are told without the punctuation around them", () => {
    expect(findUrls("(https://a.example/x).")[0]?.text).toBe("https://a.example/x");
    expect(findUrls("at https://a.example/f(x), or")[0]?.text).toBe("https://a.example/f(x)");
  });

  it.each([
    "at 12:30 on 2026-01-02T03:04:05Z",
    "someone@example.com",
    "index.ts, a.b.c and v1.2.3-rc.1",
    "Note: it works; see below: nothing",
    "urn:pulumi:dev::shop::a:b:C::d",
    "://",
    "a :// b",
    "mailto:someone@example.com",
  ])("are none in %j", (text) => {
    expect(findUrls(text)).toEqual([]);
  });

  it("are found wherever a server's URL stands in other words", () => {
    const word = fc.stringMatching(/^[A-Za-z0-9=:.-]{0,12}$/);
    fc.assert(
      fc.property(word, word, hostName, (before, after, host) => {
        const text = `${before} "postgres://u:p@${host}:5432/db" ${after}`;
        expect(hostsIn(text)).toContain(`${host}:5432`);
      }),
    );
  });
});
