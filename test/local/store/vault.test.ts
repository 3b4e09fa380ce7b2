import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { openVault, type Sealed } from "../../../local/store/vault.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const newKeyFile = () => join(temporaryFolder(), "store.key");

it("opens what it sealed, after a restart too, and seals the same text differently each time", () => {
  const keyFile = newKeyFile();
  const vault = openVault(keyFile);
  fc.assert(
    fc.property(fc.string(), (text) => {
      const sealed = vault.seal(text);
      expect(openVault(keyFile).open(sealed)).toBe(text);
      expect(vault.seal(text)).not.toBe(sealed);
    }),
  );
});

it("refuses a sealed text of which any character was changed", () => {
  const vault = openVault(newKeyFile());
  const sealed = vault.seal("a secret of some length");
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), (at) => {
      const other = sealed[at] === "A" ? "B" : "A";
      const changed = `${sealed.slice(0, at)}${other}${sealed.slice(at + 1)}` as Sealed;
      // The last base64url character may carry unused bits: an equal value is no change.
      fc.pre(!samePayload(changed, sealed));
      expect(() => vault.open(changed)).toThrow();
    }),
  );
});

it("keeps its key readable by the owner only", () => {
  const keyFile = newKeyFile();
  openVault(keyFile);
  expect(statSync(keyFile).mode & 0o777).toBe(0o600);
});

it("says what to do when the key file is damaged", () => {
  const keyFile = newKeyFile();
  writeFileSync(keyFile, "short");
  expect(() => openVault(keyFile)).toThrow(/5 bytes instead of 32.*npx bulkhead local reset/s);
});

function samePayload(a: string, b: string): boolean {
  const bytes = (text: string) =>
    text
      .split(".")
      .map((part) => Buffer.from(part, "base64url").toString("hex"))
      .join(".");
  return a.split(".").length === b.split(".").length && a.startsWith("v1") && bytes(a) === bytes(b);
}
