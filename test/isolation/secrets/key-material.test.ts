import { generateKeyPairSync, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { derMaterial, type KeyMaterial } from "../../../isolation/secrets/der.ts";
import { sshMaterial } from "../../../isolation/secrets/ssh.ts";

const der = (type: "pkcs8" | "pkcs1" | "sec1") => ({ type, format: "der" }) as const;
const lengths = (material: KeyMaterial | undefined): number[] | undefined =>
  material?.numbers.map(({ from, to }) => to - from);

describe("of a key in DER", () => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const ed25519 = generateKeyPairSync("ed25519");

  test.each([
    ["RSA, PKCS #8", rsa.privateKey.export(der("pkcs8")), 7],
    ["RSA, PKCS #1", rsa.privateKey.export(der("pkcs1")), 7],
    ["EC, PKCS #8", ec.privateKey.export(der("pkcs8")), 1],
    ["EC, SEC 1", ec.privateKey.export(der("sec1")), 1],
    ["Ed25519", ed25519.privateKey.export(der("pkcs8")), 1],
  ])("the private numbers are told: %s", (_, bytes, count) => {
    const material = derMaterial(bytes);
    expect(material?.isPublic).toBe(false);
    expect(material?.numbers).toHaveLength(count);
  });

  test("the number is the key itself", () => {
    const [number] = derMaterial(ed25519.privateKey.export(der("pkcs8")))?.numbers ?? [];
    const bytes = ed25519.privateKey.export(der("pkcs8")).subarray(number?.from, number?.to);
    expect(bytes.toString("base64url")).toBe(ed25519.privateKey.export({ format: "jwk" }).d);
  });

  test("the parameters of a known group are not its numbers", () => {
    const object = (tag: number, ...content: Buffer[]): Buffer => {
      const bytes = Buffer.concat(content);
      return Buffer.concat([Buffer.from([tag, bytes.length]), bytes]);
    };
    const [prime, x] = [object(2, Buffer.alloc(32, 0x5a)), object(2, Buffer.alloc(24, 0x6b))];
    const group = object(
      0x30,
      object(6, Buffer.from("2a864886f70d010301", "hex")),
      object(0x30, prime),
    );
    const key = object(0x30, object(2, Buffer.of(0)), group, object(4, x));
    expect(lengths(derMaterial(key))).toEqual([26]);
    // In a key store an object id names the key itself.
    const inner = object(0x30, object(2, Buffer.of(0)), group, object(4, object(0x30, x)));
    const bag = object(0x30, object(6, Buffer.of(42)), object(0xa0, object(4, inner)));
    expect(lengths(derMaterial(object(0x30, object(2, Buffer.of(3)), bag)))).toEqual([24]);
  });

  test.each([
    ["SPKI", rsa.publicKey.export({ type: "spki", format: "der" })],
    ["PKCS #1", rsa.publicKey.export({ type: "pkcs1", format: "der" })],
    ["EC", ec.publicKey.export({ type: "spki", format: "der" })],
  ])("a public one is told to be public: %s", (_, bytes) => {
    expect(derMaterial(bytes)?.isPublic).toBe(true);
  });

  test("no other bytes are taken for one, and none make it fail", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const material = derMaterial(Buffer.from(bytes));
        for (const { from, to } of material?.numbers ?? []) {
          expect(from).toBeGreaterThan(0);
          expect(to).toBeLessThanOrEqual(bytes.length);
        }
      }),
      {
        examples: [
          [Uint8Array.of(0x30, 0x80, 2, 1)],
          [Uint8Array.of(0x30, 0x84, 255, 255, 255, 255)],
        ],
      },
    );
    expect(derMaterial(randomBytes(64))).toBeUndefined();
  });
});

describe("of a key in OpenSSH's format", () => {
  const string = (content: Buffer | string): Buffer => {
    const bytes = Buffer.from(content);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const [publicKey, secretKey] = [randomBytes(32), randomBytes(64)];
  const publicBlob = Buffer.concat([string("ssh-ed25519"), string(publicKey)]);
  const one = Buffer.from([0, 0, 0, 1]);
  const armoured = (cipher: string, section: Buffer): Buffer =>
    Buffer.concat([
      Buffer.from("openssh-key-v1\0"),
      ...[cipher, cipher === "none" ? "none" : "bcrypt", ""].map(string),
      one,
      string(publicBlob),
      string(section),
    ]);

  test("the private numbers are told, without the comment", () => {
    const section = Buffer.concat([
      randomBytes(8),
      publicBlob,
      string(secretKey),
      string("deploy@production.example.com"),
      Buffer.from([1, 2, 3]),
    ]);
    expect(lengths(sshMaterial(armoured("none", section)))).toEqual([32, 64]);
  });

  test("an encrypted section is one number", () => {
    expect(lengths(sshMaterial(armoured("aes256-ctr", randomBytes(160))))).toEqual([160]);
  });

  test("a public one is told to be public", () => {
    expect(sshMaterial(publicBlob)).toEqual({ isPublic: true, numbers: [] });
  });

  test("no other bytes are taken for one, and none make it fail", () => {
    expect(sshMaterial(randomBytes(64))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        sshMaterial(Buffer.concat([Buffer.from("openssh-key-v1\0"), bytes]));
        sshMaterial(Buffer.from(bytes));
      }),
    );
  });
});
