/**
 * DigitalOcean's refusals and silence as {@link VendorFault}.
 * @see https://docs.digitalocean.com/reference/api/intro/#statuses
 */
import { VendorFault } from "../sdk/fault.ts";

/** Connection errors after which it is certain that no request reached the vendor. */
const NEVER_SENT: ReadonlySet<string> = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]);

/** How the products say that a name is taken; some answer 409, others 422. */
const NAME_TAKEN =
  /exists already|already (exists|in use|taken|been taken)|name is not available|must be unique|duplicate name/i;

/** An answer that is not a success, as {@link VendorFault}; its message is the vendor's own. */
export function refusalFault(status: number, body: unknown): VendorFault {
  const said = isRefusal(body) ? body : {};
  const message = said.message || `DigitalOcean answered HTTP ${status}`;
  const options = { code: said.id ?? String(status), ...remedyFor(status) };
  if (status === 404) return new VendorFault("not-found", message, options);
  if ((status === 409 || status === 422) && NAME_TAKEN.test(message))
    return new VendorFault("conflict", message, options);
  // Any other conflict is with something that is being done there at the moment.
  if (status === 409 || status === 429 || status === 503)
    return new VendorFault("unavailable", message, options);
  if (status === 501) return new VendorFault("refused", message, options);
  if (status >= 500) return new VendorFault("lost", message, options);
  return new VendorFault("refused", message, options);
}

/** A request without an answer, as {@link VendorFault}. `variable` sets the address. */
export function silenceFault(error: unknown, url: string, variable: string): VendorFault {
  const code = connectionCode(error);
  const loopback = /^https?:\/\/(127\.|localhost|\[::1\])/.test(url);
  const remedy = loopback
    ? "Start the local cloud with `npx bulkhead local up` and run the command again."
    : `Check the network and ${variable}, and run the command again.`;
  return new VendorFault(
    code !== undefined && NEVER_SENT.has(code) ? "unavailable" : "lost",
    `${new URL(url).origin} does not answer`,
    { ...(code === undefined ? {} : { code }), remedy },
  );
}

/** Gives undefined instead of the vendor's 404. */
export async function orMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof VendorFault && error.kind === "not-found") return undefined;
    throw error;
  }
}

function isRefusal(body: unknown): body is { id?: string; message?: string } {
  return typeof body === "object" && body !== null;
}

function connectionCode(error: unknown): string | undefined {
  for (let each = error; each instanceof Error; each = each.cause)
    if ("code" in each && typeof each.code === "string") return each.code;
  return undefined;
}

function remedyFor(status: number): { remedy?: string } {
  if (status === 401)
    return {
      remedy:
        "Set the stack's DigitalOcean API token (DIGITALOCEAN_TOKEN or digitalocean:token); no token reaches another environment's team.",
    };
  return {};
}
