/**
 * Splits SQL text into its statements as SQLite's `sqlite3_complete` sees them: a semicolon ends a
 * statement unless it stands in a string, a quoted name, a comment, or the body of a trigger, whose
 * end is the sequence `; END ;`. Pieces without any code (comments, blank lines) are dropped.
 * @see https://www.sqlite.org/c3ref/complete.html
 */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let start = 0;
  let state: State = "start";
  for (const { symbol, end } of symbols(sql)) {
    const from: State = state;
    state = nextState(from, symbol);
    if (state !== "start") continue;
    if (from !== "start") statements.push(sql.slice(start, end).trim());
    start = end;
  }
  if (state !== "start") statements.push(sql.slice(start).trim());
  return statements;
}

/**
 * Whether a single statement certainly changes nothing. One that begins with WITH may write, so it
 * counts as reading only when none of the words for writing occurs in it.
 */
export function onlyReads(sql: string): boolean {
  const code = sql.replace(LEADING_BLANK, "");
  if (/^with\b/i.test(code)) return !/\b(insert|update|delete|replace)\b/i.test(code);
  return /^(select|values|explain)\b/i.test(code);
}

const LEADING_BLANK = /^(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)+/;

/** How far a statement has been read; "start" is between two statements. */
type State = "start" | "explain" | "ordinary" | "create" | "trigger" | "trigger;" | "trigger;end";

/** What the text is cut into: the words that matter here, semicolons, and anything else. */
type Symbol = "create" | "temp" | "trigger" | "end" | "explain" | "other" | ";";

const KEYWORDS: Readonly<Record<string, Symbol>> = {
  create: "create",
  temp: "temp",
  temporary: "temp",
  trigger: "trigger",
  end: "end",
  explain: "explain",
};

function nextState(state: State, symbol: Symbol): State {
  switch (state) {
    case "start":
      if (symbol === ";") return "start";
      if (symbol === "explain") return "explain";
      return symbol === "create" ? "create" : "ordinary";
    case "explain":
      if (symbol === ";") return "start";
      return symbol === "create" ? "create" : "ordinary";
    case "ordinary":
      return symbol === ";" ? "start" : "ordinary";
    case "create":
      if (symbol === ";") return "start";
      if (symbol === "temp") return "create";
      return symbol === "trigger" ? "trigger" : "ordinary";
    case "trigger":
      return symbol === ";" ? "trigger;" : "trigger";
    case "trigger;":
      if (symbol === ";") return "trigger;";
      return symbol === "end" ? "trigger;end" : "trigger";
    case "trigger;end":
      return symbol === ";" ? "start" : "trigger";
  }
}

/** White space and comments, a quoted piece, a word, or a single other character. */
const LEXEME =
  /(?<blank>\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|'[^']*(?:'|$)|"[^"]*(?:"|$)|`[^`]*(?:`|$)|\[[^\]]*(?:\]|$)|(?<word>[\p{L}\p{N}_$]+)|[\s\S]/gu;

function* symbols(sql: string): Generator<{ symbol: Symbol; end: number }> {
  for (const match of sql.matchAll(LEXEME)) {
    if (match.groups?.blank !== undefined) continue;
    const word = match.groups?.word?.toLowerCase() ?? "";
    const symbol = match[0] === ";" ? ";" : (KEYWORDS[word] ?? "other");
    yield { symbol, end: match.index + match[0].length };
  }
}
