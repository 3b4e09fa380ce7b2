import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type IssuedTeam, issueTeam } from "../../local/digitalocean/accounts.ts";
import { digitalOceanApi } from "../../local/digitalocean/api.ts";
import { services } from "../../local/digitalocean/services.ts";
import { type AnswerBody, answerBody } from "./digitalocean-answers.ts";
import { type ServedVendor, serveVendor } from "./vendor.ts";

/** An answer of the API: status and JSON body, one without members where there is none. */
export interface Answer {
  readonly status: number;
  readonly body: AnswerBody;
}

/** A team with the calls of its token. */
export interface TestTeam extends IssuedTeam {
  /** `path` begins with `/v2`. */
  readonly call: (method: string, path: string, body?: unknown) => Promise<Answer>;
}

/** DigitalOcean's API over real engines, on a free loopback port, with its data in a folder of its own. */
export interface TestDigitalOcean extends ServedVendor {
  /** A team of that name with a new token; an earlier token of it ends. */
  readonly team: (environment: string) => TestTeam;
  /** Calls of a token that was issued earlier. */
  readonly caller: (apiToken: string) => TestTeam["call"];
  /** Stops, and starts again on the same data as a new cloud does. Tokens stay valid. */
  readonly restart: () => Promise<TestDigitalOcean>;
}

export async function startDigitalOcean(
  dataDir = mkdtempSync(join(tmpdir(), "bulkhead-digitalocean-")),
): Promise<TestDigitalOcean> {
  const served = await serveVendor(dataDir, (cloud) => ({
    fetch: digitalOceanApi(cloud).fetch,
    start: () => Promise.all(services.map((service) => service.start?.(cloud))),
    stop: () => Promise.all(services.map((service) => service.stop?.(cloud))),
  }));
  const { cloud, origin, started } = served;
  await started;
  return {
    ...served,
    team(environment) {
      const issued = issueTeam(cloud, environment);
      return { ...issued, call: caller(origin, issued.apiToken) };
    },
    caller: (apiToken) => caller(origin, apiToken),
    async restart() {
      await served.stop();
      return startDigitalOcean(dataDir);
    },
  };
}

/** Calls of one token at the API of that origin. */
const caller =
  (origin: string, apiToken: string): TestTeam["call"] =>
  async (method, path, body) => {
    const response = await fetch(origin + path, {
      method,
      headers: { authorization: `Bearer ${apiToken}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: answerBody(await response.text()) };
  };
