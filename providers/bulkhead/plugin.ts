/** The plugin process itself. */
import { servePlugin } from "../sdk/server.ts";
import { bulkheadProvider } from "./provider.ts";

await servePlugin(bulkheadProvider);
