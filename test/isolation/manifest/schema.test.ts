import { expect, test } from "vitest";
import { manifestJsonSchema } from "../../../isolation/manifest/index.ts";

const LINE = 100;

/** As the formatter writes it: a list of plain values in one line where it fits. */
function published(schema: object): string {
  const text = JSON.stringify(schema, null, 2);
  const lists = /^(.*)\[\n\s+([^[\]{}]*?)\s+\](,?)$/gm;
  return `${text.replace(lists, (list, before: string, items: string, comma: string) => {
    const line = `${before}[${items.replace(/\s+/g, " ")}]${comma}`;
    return line.length <= LINE ? line : list;
  })}\n`;
}

test("the published JSON Schema is that of the code; `vitest --update` writes it", async () => {
  await expect(published(manifestJsonSchema())).toMatchFileSnapshot(
    "../../../isolation/manifest/manifest.schema.json",
  );
});
