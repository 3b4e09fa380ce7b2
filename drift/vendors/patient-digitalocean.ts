import { setTimeout as sleep } from "node:timers/promises";
import { DigitalOceanApi } from "../../providers/digitalocean-api/client.ts";
import { VendorFault } from "../../providers/sdk/fault.ts";
import { RETRY_DELAYS_MS } from "../../providers/sdk/retry.ts";

/** Asks again where the vendor is silent, busy or has had enough of us: a question may be repeated. */
export class PatientDigitalOceanApi extends DigitalOceanApi {
  override async get<T>(path: string, query?: Parameters<DigitalOceanApi["get"]>[1]): Promise<T> {
    for (const delay of RETRY_DELAYS_MS) {
      try {
        return await super.get<T>(path, query);
      } catch (error) {
        if (!(error instanceof VendorFault) || !PASSING.has(error.kind)) throw error;
        await sleep(delay);
      }
    }
    return super.get<T>(path, query);
  }
}

const PASSING: ReadonlySet<string> = new Set(["lost", "unavailable"]);
