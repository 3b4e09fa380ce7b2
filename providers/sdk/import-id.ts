/** Import ids: reading them as a resource's definition documents them. */
import type { AnyResource } from "./definition.ts";
import { ProviderError } from "./fault.ts";
import type { PlainMap } from "./values.ts";

/** The resource's id and what the import id says of it. Throws {@link ProviderError} with the right form. */
export function parseImport<Client>(
  resource: AnyResource<Client>,
  id: string,
): { id: string; known: PlainMap } {
  if (resource.parseImportId === undefined)
    throw new ProviderError(
      `${resource.token} does not support import. Declare it in the program and run \`pulumi up\`.`,
    );
  const parsed = resource.parseImportId(id);
  if (parsed === undefined)
    throw new ProviderError(
      `${JSON.stringify(id)} is not an import id of ${resource.token}. Use the form ${resource.importFormat}.`,
    );
  return { id: parsed.id, known: parsed.state as PlainMap };
}
