/** DigitalOcean's v2 API over `fetch`, with the vendor's faults told apart. */
import { ProviderError } from "../sdk/fault.ts";
import { refusalFault, silenceFault } from "./fault.ts";

/** The public API. Source: https://docs.digitalocean.com/reference/api/ */
export const DIGITALOCEAN_API_URL = "https://api.digitalocean.com";

/** How long one request may take, in milliseconds; its outcome is not known afterwards. */
const REQUEST_TIMEOUT_MS = 60_000;

/** The most items that the vendor puts on one page. */
const PAGE_SIZE = 200;

/** What a request asks beside its path. */
type Query = { readonly [name: string]: string | number | undefined };

/** Where the API is, without `/v2`: the configuration, else DIGITALOCEAN_API_URL, else DigitalOcean. */
export function digitalOceanUrl(configured: string | undefined): string {
  const url = configured || process.env.DIGITALOCEAN_API_URL || DIGITALOCEAN_API_URL;
  return url.replace(/\/+$/, "");
}

/**
 * A client of one team. Makes one attempt a request; repeating is its user's business.
 *
 * Every method throws {@link VendorFault}: a refusal with the vendor's own code and words, or silence.
 */
export class DigitalOceanApi {
  readonly url: string;
  readonly #token: string;

  /** Throws {@link ProviderError} without a token. */
  constructor({
    token,
    url,
  }: { readonly token?: string | undefined; readonly url?: string | undefined }) {
    const found = token || process.env.DIGITALOCEAN_TOKEN || process.env.DIGITALOCEAN_ACCESS_TOKEN;
    if (!found)
      throw new ProviderError(
        "The digitalocean provider has no API token. Set DIGITALOCEAN_TOKEN, or give the provider a token.",
      );
    this.#token = found;
    this.url = digitalOceanUrl(url);
  }

  get<T>(path: string, query: Query = {}): Promise<T> {
    return this.#send("GET", path, query);
  }

  post<T>(path: string, body: object): Promise<T> {
    return this.#send("POST", path, {}, body);
  }

  put<T>(path: string, body: object): Promise<T> {
    return this.#send("PUT", path, {}, body);
  }

  patch<T>(path: string, body: object): Promise<T> {
    return this.#send("PATCH", path, {}, body);
  }

  delete(path: string, body?: object): Promise<void> {
    return this.#send("DELETE", path, {}, body);
  }

  /** All items of a list, page after page; `key` is their name in the answer. */
  async list<T>(path: string, key: string, query: Query = {}): Promise<T[]> {
    const items: T[] = [];
    for (let page = 1; ; page++) {
      const answer = await this.get<Listing<T>>(path, { ...query, page, per_page: PAGE_SIZE });
      const found = (answer[key] as T[] | null | undefined) ?? [];
      items.push(...found);
      if (found.length === 0 || answer.links?.pages?.next === undefined) return items;
    }
  }

  async #send<T>(method: string, path: string, query: Query, body?: object): Promise<T> {
    const url = new URL(`${this.url}/v2${path}`);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    let status: number;
    let text: string;
    try {
      const response = await fetch(url, {
        method,
        headers: {
          authorization: `Bearer ${this.#token}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      status = response.status;
      text = await response.text();
    } catch (error) {
      throw silenceFault(error, this.url, "DIGITALOCEAN_API_URL");
    }
    const answer = parse(text);
    if (status >= 300) throw refusalFault(status, answer);
    return answer as T;
  }
}

interface Listing<T> {
  readonly [key: string]: unknown | T[];
  readonly links?: { readonly pages?: { readonly next?: string } };
}

function parse(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    // A gateway between here and the vendor answers in HTML.
    return undefined;
  }
}
