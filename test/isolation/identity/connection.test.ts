import { describe, expect, it } from "vitest";
import { identitiesOfText, type TextContext } from "../../../isolation/identity/index.ts";
import { processorTime } from "../../support/processor-time.ts";

const UUID = "69b513ab-64ca-4a77-884e-f2b0b509b21f";

const identities = (text: string, context: TextContext = {}): string[] =>
  identitiesOfText(text, context).map(({ identity }) => identity);

describe("a connection string that is no URL", () => {
  it.each([
    ["app:pw@tcp(prod.db.example.com:3306)/app", "prod.db.example.com"],
    ["app:p@ss@tcp(PROD.db.example.com)/app?parseTime=true", "prod.db.example.com"],
    [
      `Server=tcp:prod.database.windows.net,1433;Database=x;User ID=app;Password=${UUID}`,
      "prod.database.windows.net",
    ],
    [
      "Data Source=prod.example.com\\SQL1;Initial Catalog=x;Integrated Security=True;",
      "prod.example.com",
    ],
    ["User Id=a;Password='x;y';Data Source=//prod.example.com:1521/svc", "prod.example.com"],
    ["server=prod.example.com;port=3306;uid=a;pwd=b", "prod.example.com"],
    ["Host=prod.db.example.com;Port=5432;Username=app;Password=pw", "prod.db.example.com"],
    ["prod.redis.example.com:6379,password=pw,ssl=True", "prod.redis.example.com"],
    ["prod.redis.example.com,password=a=b==,abortConnect=False", "prod.redis.example.com"],
    [
      `Endpoint=sb://prod.servicebus.windows.net/;SharedAccessKeyName=k;SharedAccessKey=${UUID}`,
      "prod.servicebus.windows.net",
    ],
    [
      "Endpoint=sb://prod.servicebus.windows.net;SharedAccessKeyName=k",
      "prod.servicebus.windows.net",
    ],
    [
      "DefaultEndpointsProtocol=https;AccountName=prodstore;AccountKey=YQ==;EndpointSuffix=core.windows.net",
      "prodstore.blob.core.windows.net",
    ],
    ["AccountName=prodstore;AccountKey=YQ==", "prodstore.blob.core.windows.net"],
  ])("%s names its server, secret or not", (text, host) => {
    expect(identities(text)).toEqual([`server:${host}`]);
    expect(identities(text, { secret: true })).toEqual([`server:${host}`]);
  });

  it("names every server of a list", () => {
    expect(identities("Host=a.example.com:5433,b.example.com;Username=u;Database=d")).toEqual([
      "server:a.example.com",
      "server:b.example.com",
    ]);
    expect(identities("a.example.com:6379,b.example.com:6380,password=x")).toEqual([
      "server:a.example.com",
      "server:b.example.com",
    ]);
  });

  it("means the storage account that a URL means", () => {
    expect(identities("https://prodstore.queue.core.windows.net/jobs")).toEqual(
      identities("AccountName=prodstore;AccountKey=YQ=="),
    );
  });

  it.each([
    "app:pw@unix(/tmp/mysql.sock)/app",
    "someone@tcp.example.com",
    "Data Source=app.db;Cache=Shared",
    "Server=(local);Database=x;Integrated Security=True",
    "server=prod.example.com;color=red",
    "host prod.example.com; database x",
    "prod.example.com,size=3",
    "one,two,password=x",
    "color=red,password=x",
    "AccountName=devstoreaccount1;AccountKey=YQ==",
    "AccountName=prodstore;Region=eu",
    "UseDevelopmentStorage=true",
  ])("is not %s", (text) => {
    expect(identities(text)).toEqual([]);
  });

  it.each(["a=b;", "a =", "'a", 'a="', " ", "a,", "a=b,password="])(
    "is looked for in linear time in %j alone",
    (part) => {
      const milliseconds = processorTime(() => {
        identities(`server=a;${part.repeat(4000 / part.length)}`);
        identities(part.repeat(16_000 / part.length));
      });
      expect(milliseconds).toBeLessThan(500);
    },
  );
});

describe("a URL of a scheme that no table knows", () => {
  it.each(
    "oracle sftp ftp smtp ldap snowflake etcd scylla influxdb presto nfs smb grpcs acme".split(" "),
  )("%s leads to a server", (scheme) => {
    expect(identities(`${scheme}://u:p@Prod.example.com:1234/x`)).toEqual([
      "server:prod.example.com",
    ]);
  });

  it.each([
    "file://share.example.com/x",
    "data://a.example.com/x",
    "urn://a.example.com/x",
    "mailto://a.example.com",
    "about://a.example.com",
    "blob://a.example.com/x",
    "chrome-extension://a.example.com/x",
    "git+ssh://git@github.com/x",
    "myapp://callback",
    "tcp://0.0.0.0:8080",
    "capacitor://localhost",
  ])("is nobody's server in %s", (text) => {
    expect(identities(text)).toEqual([]);
  });

  it.each(["http", "https", "ws", "wss"])("stays a host for %s", (scheme) => {
    expect(identities(`${scheme}://prod.example.com/x`)).toEqual(["host:prod.example.com"]);
  });
});

describe("bare hosts", () => {
  it.each([
    ["KAFKA_BROKERS", "b1.example.com:9094,b2.example.com:9094"],
    ["BOOTSTRAP_SERVERS", "b1.example.com, b2.example.com"],
    ["MEMCACHED_SERVERS", "b1.example.com:9094,b2.example.com"],
    ["REDIS_NODES", "b1.example.com:7000,b2.example.com:7001"],
    ["ES_HOSTS", "b1.example.com,b2.example.com"],
    ["PEERS", "b1.example.com:6379,b2.example.com:5432"],
  ])("are servers in %s: %s", (name, text) => {
    expect(identities(text, { name })).toEqual(["server:b1.example.com", "server:b2.example.com"]);
  });

  it.each([
    ["APP_NODES", "b1.example.com,b2.example.com"],
    ["NAME_SERVERS", "b1.example.com,b2.example.com"],
    ["KAFKA_BROKERS", "3"],
    ["KAFKA_TOPIC", "b1.example.com"],
    ["UPSTREAM", "b1.example.com:8080"],
    ["UPSTREAM", "b1.example.com:5432,size"],
    ["LISTEN", "0.0.0.0:6379"],
    ["PAIR", "app:5432"],
    ["NOTE", "see b1.example.com:5432"],
  ])("are nothing in %s: %s", (name, text) => {
    expect(identities(text, { name })).toEqual([]);
  });
});
