import { builtinModules } from "node:module";
import { dirname, relative } from "node:path";
import { buildSync, type Metafile } from "esbuild";
import { InputError } from "./input-error.ts";

/** File name that the bundle is uploaded as. */
export const MAIN_MODULE = "worker.js";

/** What packages written for Node.js call its modules, and what they are called in the runtime. */
const NODE_MODULES = Object.fromEntries(
  builtinModules
    .filter((name) => !name.startsWith("_") && !name.startsWith("node:"))
    .map((name) => [name, `node:${name}`]),
);

/**
 * Bundles a Worker's TypeScript into one ES module. The same sources give the same text on every
 * machine, so that `pulumi preview` shows a change only where there is one. Synchronous, because
 * a constructor that throws gives one clear error, and a rejected input gives several.
 * Packages may use Node.js's modules, where the Worker has the flag `nodejs_compat`.
 *
 * @param entry path of the module that exports the handler.
 * @throws InputError quoting esbuild's first message, with its file and line.
 */
export function bundleWorker(entry: string): string {
  try {
    const { outputFiles, metafile } = buildSync({
      entryPoints: [entry],
      // Makes every path that esbuild sees relative to the source, not to where it is run.
      absWorkingDir: dirname(entry),
      bundle: true,
      write: false,
      format: "esm",
      platform: "neutral",
      target: "es2023",
      mainFields: ["module", "main"],
      // Not `import`: a `require` would get the ES module too, which is another thing than it asks for.
      conditions: ["workerd", "worker", "browser"],
      external: ["node:*", "cloudflare:*"],
      alias: NODE_MODULES,
      // Names stay, for readable stack traces; white space goes, with the comments that hold paths.
      minifySyntax: true,
      minifyWhitespace: true,
      legalComments: "none",
      charset: "utf8",
      treeShaking: true,
      logLevel: "silent",
      metafile: true,
    });
    return requireOf(metafile) + outputFiles.map((file) => file.text).join("");
  } catch (cause) {
    throw new InputError(
      `The Worker ${relative(process.cwd(), entry)} cannot be bundled: ${bundleProblem(cause)}. ` +
        "Correct the source, or the entry that names it.",
    );
  }
}

/**
 * The `require` of CommonJS packages, which is not in an ES module: it knows the modules of Node.js
 * that the bundle asks for, imported as they are. Empty when it asks for none.
 */
function requireOf({ outputs }: Metafile): string {
  const required = Object.values(outputs)
    .flatMap(({ imports }) => imports)
    .filter(({ kind, path }) => kind === "require-call" && path.startsWith("node:"))
    .map(({ path }) => path);
  const names = [...new Set(required)].sort();
  if (names.length === 0) return "";
  const imports = names.map((name, index) => `import __node${index} from"${name}";`);
  const modules = names.map((name, index) => `"${name}":__node${index}`);
  return (
    `${imports.join("")}const __node={${modules}};` +
    "const require=name=>{if(Object.hasOwn(__node,name))return __node[name];" +
    "throw Error('Cannot find module '+name)};\n"
  );
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
