import { FOREIGN_VARIABLES, type LocalFacts, localVariables, pathPrefix } from "./environment.ts";

/** Shells whose syntax `local env` speaks; bash, zsh, dash and ksh are all `posix`. */
export const SHELLS = ["posix", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

interface Syntax {
  quote(text: string): string;
  set(name: string, quoted: string): string;
  unset(name: string): string;
  path(quotedFolders: readonly string[]): string;
}

const SYNTAX: Record<Shell, Syntax> = {
  posix: {
    quote: (text) => `'${text.replaceAll("'", `'\\''`)}'`,
    set: (name, quoted) => `export ${name}=${quoted}`,
    unset: (name) => `unset ${name}`,
    path: (folders) => `export PATH=${folders.join(":")}:"$PATH"`,
  },
  fish: {
    quote: (text) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`,
    set: (name, quoted) => `set -gx ${name} ${quoted}`,
    unset: (name) => `set -e ${name}`,
    path: (folders) => `set -gx PATH ${folders.join(" ")} $PATH`,
  },
};

/** A text as one word of that shell, whatever characters it holds (NUL excepted, which no variable can hold). */
export const quote = (shell: Shell, text: string): string => SYNTAX[shell].quote(text);

/** The shell's name in `$SHELL` as a syntax; anything but fish reads POSIX. */
export const shellOf = (loginShell: string | undefined): Shell =>
  loginShell?.split("/").at(-1) === "fish" ? "fish" : "posix";

/** Lines to `eval`: they set up a shell for the local cloud. */
export function renderShell(facts: LocalFacts, shell: Shell): string {
  const syntax = SYNTAX[shell];
  const variables = localVariables(facts);
  return [
    syntax.path(pathPrefix(facts).map(syntax.quote)),
    ...FOREIGN_VARIABLES.filter((name) => !(name in variables)).map(syntax.unset),
    ...Object.entries(variables).map(([name, value]) => syntax.set(name, syntax.quote(value))),
  ].join("\n");
}
