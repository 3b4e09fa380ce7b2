/** One token: a line comment, a quotation of each kind, a word (which may hold dollars), a character. */
const TOKEN = new RegExp(
  [
    /--[^\n]*/,
    /[eE]'(?:[^'\\]|\\[\s\S]|'')*'/,
    /'(?:[^']|'')*'/,
    /"(?:[^"]|"")*"/,
    /\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$/,
    /[\w\u0080-\uffff][\w$\u0080-\uffff]*/,
    /[\s\S]/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "y",
);

/** The beginning of a quotation; as a token of its own it is one that does not end. */
const UNENDED = /^['"]|^\$(?:[A-Za-z_]\w*)?\$/;

/**
 * The statements of a PostgreSQL script, without the semicolons between them; each is sent by itself,
 * as psql does, so that `CREATE DATABASE` is not within a transaction. Undefined when a quotation or a
 * comment does not end.
 */
export function splitStatements(script: string): string[] | undefined {
  const statements = [""];
  for (let at = 0; at < script.length; ) {
    const token = tokenAt(script, at);
    if (token === undefined) return undefined;
    at += token.length;
    if (token === ";") statements.push("");
    // What a comment parts are two words.
    else statements.push(statements.pop() + (/^(?:--|\/\*)/.test(token) ? " " : token));
  }
  return statements.map((text) => text.trim()).filter((text) => text !== "");
}

function tokenAt(script: string, at: number): string | undefined {
  if (script.startsWith("/*", at)) return blockComment(script, at);
  TOKEN.lastIndex = at;
  const token = TOKEN.exec(script)?.[0] ?? "";
  const unended = token.length === 1 && UNENDED.test(script.slice(at, at + 64));
  return unended ? undefined : token;
}

/** Comments in PostgreSQL nest. */
function blockComment(script: string, start: number): string | undefined {
  let depth = 0;
  for (let at = start; at < script.length; at++) {
    const pair = script.slice(at, at + 2);
    if (pair !== "/*" && pair !== "*/") continue;
    depth += pair === "/*" ? 1 : -1;
    at++;
    if (depth === 0) return script.slice(start, at + 1);
  }
  return undefined;
}
