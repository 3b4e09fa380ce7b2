import { styleText } from "node:util";
import Table from "cli-table3";

type Tone = "good" | "bad" | "warning" | "quiet";

const FORMATS = { good: "green", bad: "red", warning: "yellow", quiet: "dim" } as const;

/** Where a verb writes: results on standard output, everything else on standard error. */
export interface Output {
  /** One line of progress. */
  progress(line: string): void;
  warning(line: string): void;
  /** What the user asked for. */
  result(text: string): void;
  /** What the user asked for, for programs. */
  json(value: unknown): void;
  /** A table on standard output. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): void;
  /** Text coloured for standard output, when that is a terminal and NO_COLOR is not set. */
  paint(tone: Tone, text: string): string;
  /** Whether a person at a terminal sees everything and can answer. */
  readonly interactive: boolean;
}

/** The output of this process. */
export function createOutput(
  stdout: NodeJS.WriteStream = process.stdout,
  stderr: NodeJS.WriteStream = process.stderr,
): Output {
  // A reader may leave early (`| head`); what this process is doing goes on to its end.
  for (const stream of [stdout, stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
  // `styleText` leaves the text plain when the stream is no terminal, or NO_COLOR is set.
  const paintFor = (stream: NodeJS.WriteStream) => (tone: Tone, text: string) =>
    styleText(FORMATS[tone], text, { stream });
  return {
    progress: (line) => void stderr.write(`${line}\n`),
    warning: (line) => void stderr.write(`${paintFor(stderr)("warning", "warning:")} ${line}\n`),
    result: (text) => void stdout.write(`${text}\n`),
    json: (value) => void stdout.write(`${JSON.stringify(value, null, 2)}\n`),
    table: (head, rows) => void stdout.write(`${renderTable(head, rows)}\n`),
    paint: paintFor(stdout),
    interactive: [stdout, stderr, process.stdin].every(({ isTTY }) => isTTY === true),
  };
}

/** A table in plain characters; colour is in the cells only. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}
