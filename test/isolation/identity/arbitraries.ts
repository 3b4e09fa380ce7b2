import fc from "fast-check";

/** A host name that is no address, not the machine itself, and no vendor's. */
export const hostName: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(fc.stringMatching(/^[a-z](?:[a-z0-9-]{0,10}[a-z0-9])?$/), {
      minLength: 1,
      maxLength: 3,
    }),
    fc.constantFrom("example", "test", "internal"),
  )
  .map(([labels, end]) => [...labels, end].join("."))
  .filter((name) => !name.split(".").some((label) => label.startsWith("xn--")));

/** The same name as somebody else may write it. */
export const spellings = (host: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.array(fc.boolean(), { minLength: host.length, maxLength: host.length }),
      fc.boolean(),
      fc.nat(host.length - 1),
      fc.boolean(),
    )
    .map(([upper, dot, at, encoded]) => {
      const cased = [...host].map((char, index) => (upper[index] ? char.toUpperCase() : char));
      if (encoded) cased[at] = `%${host.charCodeAt(at).toString(16)}`;
      return cased.join("") + (dot ? "." : "");
    });

export const ipv4: fc.Arbitrary<string> = fc
  .ipV4()
  .filter((address) => !/^(?:127|0)\./.test(address));

/** One address in the spellings that operating systems and browsers take. */
export function ipv4Spellings(address: string): string[] {
  const bytes = address.split(".").map(Number);
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  const number = ((a * 256 + b) * 256 + c) * 256 + d;
  const hex = (value: number): string => value.toString(16);
  return [
    address,
    `${address}.`,
    String(number),
    `0x${hex(number)}`,
    bytes.map((byte) => `0${byte.toString(8)}`).join("."),
    bytes.map((byte) => `0X${hex(byte)}`).join("."),
    `${a}.${b}.${c * 256 + d}`,
    `${a}.${(b * 256 + c) * 256 + d}`,
    `::ffff:${address}`,
    `[::FFFF:${hex(a * 256 + b)}:${hex(c * 256 + d)}]`,
    `0:0:0:0:0:ffff:${address}`,
  ];
}
