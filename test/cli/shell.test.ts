import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type LocalFacts, localVariables } from "../../cli/environment.ts";
import { quote, renderShell, shellOf } from "../../cli/shell.ts";

const facts: LocalFacts = {
  root: "/home/o'neil/my project",
  stateDir: "/home/o'neil/my project/.bulkhead",
  toolPath: ["/cache/$HOME/`pulumi`"],
  cloud: { apiUrl: "http://127.0.0.1:7380", s3Url: "http://127.0.0.1:7381" },
  credentials: {},
};

/** Texts that an environment variable can hold: anything but NUL. */
const texts = fc
  .string({ unit: "binary" })
  .map((text) => text.replaceAll("\0", ""))
  .filter((text) => !/\p{Surrogate}/u.test(text));

test("a quoted text comes back unchanged through a real sh, whatever it holds", () => {
  fc.assert(
    fc.property(fc.array(texts, { minLength: 1, maxLength: 20 }), (values) => {
      const line = `printf '%s\\0' ${values.map((value) => quote("posix", value)).join(" ")}`;
      const out = execFileSync("sh", ["-c", line], { encoding: "utf8" });
      expect(out.split("\0").slice(0, -1)).toEqual(values);
    }),
    { numRuns: 50 },
  );
});

test("quotes, dollars, backticks, newlines and exclamation marks stay what they are", () => {
  const text = 'it\'s $HOME `id` "x" \\ !!\n\ttab; rm -rf *';
  expect(
    execFileSync("sh", ["-c", `printf %s ${quote("posix", text)}`], { encoding: "utf8" }),
  ).toBe(text);
});

test("fish gets its own escapes", () => {
  expect(quote("fish", "it's a \\ path")).toBe("'it\\'s a \\\\ path'");
  expect(renderShell(facts, "fish")).toContain("set -gx BULKHEAD_CLOUD 'local'");
});

test("the lines of `local env` set up a real sh, whatever the paths hold", () => {
  const script = `${renderShell(facts, "posix")}\nenv -0`;
  const env = {
    PATH: process.env.PATH,
    PULUMI_CONFIG_PASSPHRASE: "of another backend",
    CLOUDFLARE_API_TOKEN: "real",
  };
  const out = execFileSync("/bin/sh", ["-c", script], { encoding: "utf8", env });
  const seen = Object.fromEntries(
    out
      .split("\0")
      .map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]),
  );
  expect(seen).toMatchObject(localVariables(facts));
  expect(seen.PATH).toBe(
    `/home/o'neil/my project/node_modules/.bin:/cache/$HOME/\`pulumi\`:${process.env.PATH}`,
  );
  expect(seen).not.toHaveProperty("PULUMI_CONFIG_PASSPHRASE");
  expect(seen).not.toHaveProperty("CLOUDFLARE_API_TOKEN");
});

test("the syntax follows the login shell", () => {
  expect(["/usr/bin/fish", "/bin/bash", "/usr/bin/zsh", undefined].map(shellOf)).toEqual([
    "fish",
    "posix",
    "posix",
    "posix",
  ]);
});
