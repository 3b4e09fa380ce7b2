/** Texts of SQL as they mean: without comments, spaces, and the case and quotes of names. Pure. */

/** SQLite's tokens. @see https://www.sqlite.org/lang.html */
const TOKEN =
  /(?<comment>--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<space>\s+)|(?<text>[xX]?'(?:[^']|'')*')|(?<name>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])|(?<word>[\p{L}_$][\p{L}\p{N}_$]*)|(?<other><>|<=|>=|==|!=|\|\||<<|>>|->>|->|[\s\S])/gu;

const PLAIN_NAME = /^[a-z_][a-z0-9_$]*$/;

/**
 * The same text for statements that differ in nothing but their spelling. A name in quotes is the
 * plain one where it could be written so; texts stay as they are.
 */
export function canonicalSql(sql: string): string {
  const words: string[] = [];
  for (const { groups = {} } of sql.matchAll(TOKEN)) {
    const { text, name, word, other } = groups;
    if (text !== undefined) words.push(text);
    else if (name !== undefined) words.push(canonicalName(name));
    else if (word !== undefined) words.push(word.toLowerCase());
    else if (other !== undefined) words.push(other);
  }
  return words.join(" ").replace(/(?: ;)+$/, "");
}

function canonicalName(quoted: string): string {
  const mark = quoted[0] ?? "";
  const content =
    mark === "[" ? quoted.slice(1, -1) : quoted.slice(1, -1).replaceAll(mark + mark, mark);
  const lower = content.toLowerCase();
  return PLAIN_NAME.test(lower) ? lower : `"${lower}"`;
}
