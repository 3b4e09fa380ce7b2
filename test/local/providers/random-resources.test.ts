import { compare } from "bcryptjs";
import { expect, test } from "vitest";
import { randomProvider } from "../../../local/providers/random/provider.ts";
import { Provider } from "../../../providers/sdk/provider.ts";
import { reveal, Secret } from "../../../providers/sdk/values.ts";

const provider = new Provider(randomProvider("1.0.0"));
const target = (type: string) => ({
  urn: `urn:pulumi:dev::p::random:index/${type}::r`,
  type: `random:index/${type}`,
  name: "r",
});
const PASSWORD = target("randomPassword:RandomPassword");
const imported = (type: string, id: string) => provider.read(target(type), id, {}, {});

test("a password and its bcrypt hash are secret, match, and are not the id", async () => {
  const { id, outputs } = await provider.create(PASSWORD, { length: 32 });
  const { result, bcryptHash } = outputs;
  expect(id).toBe("none");
  expect(result).toBeInstanceOf(Secret);
  expect(bcryptHash).toBeInstanceOf(Secret);
  if (result === undefined || bcryptHash === undefined) throw new Error("no outputs");
  expect(await compare(String(reveal(result)), String(reveal(bcryptHash)))).toBe(true);
});

test("a new length or keeper replaces; spelling a default out changes nothing", () => {
  const diff = (news: object) =>
    provider.diff(PASSWORD, { length: 32 }, { length: 32 }, news as never).changes;
  expect(diff({ length: 32, lower: true, minUpper: 0, keepers: {} })).toEqual([]);
  expect(diff({ length: 33 })).toEqual([{ path: "length", kind: "update", replace: true }]);
  expect(diff({ length: 32, keepers: { version: "2" } })).toEqual([
    { path: "keepers.version", kind: "add", replace: true },
  ]);
});

test("impossible lengths and empty alphabets are refused", () => {
  const reasons = (news: object) =>
    provider.check(PASSWORD, {}, news as never).failures.map((each) => each.reason);
  expect(reasons({ length: 3, minLower: 2, minUpper: 2 })[0]).toContain("at least 4");
  const nothing = { lower: false, upper: false, numeric: false, special: false };
  expect(reasons({ length: 3, ...nothing })[0]).toContain("No kind of character is left");
});

test("existing values can be imported by the official ids", async () => {
  const id = await imported("randomId:RandomId", "my-prefix,p-9hUg");
  expect(id.id).toBe("p-9hUg");
  expect(id.inputs).toEqual({ byteLength: 4, prefix: "my-prefix" });
  expect(id.outputs).toMatchObject({ hex: "my-prefixa7ef6152", b64Url: "my-prefixp-9hUg" });
  const uuid = "aabbccdd-eeff-0011-2233-445566778899";
  expect((await imported("randomUuid:RandomUuid", uuid)).outputs).toEqual({ result: uuid });
  const bytes = await imported("randomBytes:RandomBytes", "8/fu3q+2DcgSJ19i0jZ5Cw==");
  expect(bytes.inputs).toEqual({ length: 16 });
  const password = await imported("randomPassword:RandomPassword", "securepassword");
  expect(password).toMatchObject({ id: "none", inputs: { length: 14 } });
  expect(password.outputs.result).toEqual(new Secret("securepassword"));
});

test("what is no import id is refused with the form that is", async () => {
  await expect(imported("randomUuid:RandomUuid", "nonsense")).rejects.toThrow(
    '"nonsense" is not an import id of random:index/randomUuid:RandomUuid. Use the form <uuid>.',
  );
});
