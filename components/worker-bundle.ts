import { dirname, relative } from "node:path";
import { buildSync } from "esbuild";
import { InputError } from "./input-error.ts";

/** File name that the bundle is uploaded as. */
export const MAIN_MODULE = "worker.js";

/**
 * Bundles a Worker's TypeScript into one ES module. The same sources give the same text on every
 * machine, so that `pulumi preview` shows a change only where there is one. Synchronous, because
 * a constructor that throws gives one clear error, and a rejected input gives several.
 *
 * @param entry path of the module that exports the handler.
 * @throws InputError quoting esbuild's first message, with its file and line.
 */
export function bundleWorker(entry: string): string {
  try {
    const { outputFiles } = buildSync({
      entryPoints: [entry],
      // Makes every path that esbuild sees relative to the source, not to where it is run.
      absWorkingDir: dirname(entry),
      bundle: true,
      write: false,
      format: "esm",
      platform: "neutral",
      target: "es2023",
      mainFields: ["module", "main"],
      conditions: ["workerd", "worker", "browser", "import"],
      external: ["node:*", "cloudflare:*"],
      // Names stay, for readable stack traces; white space goes, with the comments that hold paths.
      minifySyntax: true,
      minifyWhitespace: true,
      legalComments: "none",
      charset: "utf8",
      treeShaking: true,
      logLevel: "silent",
    });
    return outputFiles.map((file) => file.text).join("");
  } catch (cause) {
    throw new InputError(
      `The Worker ${relative(process.cwd(), entry)} cannot be bundled: ${bundleProblem(cause)}. ` +
        "Correct the source, or the entry that names it.",
    );
  }
}

function bundleProblem(cause: unknown): string {
  if (cause instanceof Error && "errors" in cause && Array.isArray(cause.errors)) {
    const [first] = cause.errors as {
      text: string;
      location: { file: string; line: number } | null;
    }[];
    if (first) {
      const place = first.location ? `${first.location.file}:${first.location.line}: ` : "";
      return `${place}${first.text}`;
    }
  }
  return cause instanceof Error ? cause.message : String(cause);
}
