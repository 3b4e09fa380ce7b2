import { mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { type IssuedAwsAccount, issueAwsAccount } from "../../../local/aws/accounts.ts";
import { awsApi, start, stop } from "../../../local/aws/index.ts";
import { openEngines } from "../../../local/engines/index.ts";
import { objectStorage } from "../../../local/object-storage/index.ts";
import { signedFront } from "../../../local/signed-front.ts";
import { openDocumentStore } from "../../../local/store/document-store.ts";
import { openVault } from "../../../local/store/vault.ts";
import type { VendorContext } from "../../../local/vendor-context.ts";

/** A request as one text: method, path and query, and the form of a query API, such as `POST / Action=CreateDBInstance&…`. */
type RequestPattern = RegExp;

/** A change of what answers say. */
export interface Rewriting {
  readonly matches: RequestPattern;
  readonly rewrite: (answer: string) => string;
}

/** All of AWS that the local cloud has, over real engines, on one port as the cloud serves it. */
export interface ServedAws {
  readonly url: string;
  readonly account: (environment: string) => IssuedAwsAccount;
  /** Variables by which every client finds this place. */
  readonly env: (account: IssuedAwsAccount) => Record<string, string>;
  /** Carries out the next request that matches, and drops its answer. */
  readonly loseAnswerTo: (matches: RequestPattern) => void;
  /** Changes every answer to requests that match, until called without one. */
  readonly rewriteAnswers: (rewriting?: Rewriting) => void;
  readonly close: () => Promise<void>;
}

/** Starts it on a free loopback port, with its data in a folder of its own. */
export async function serveAws(): Promise<ServedAws> {
  const dataDir = mkdtempSync(join(tmpdir(), "bulkhead-aws-"));
  const log = () => {};
  const store = openDocumentStore(join(dataDir, "store.sqlite"));
  const vault = openVault(join(dataDir, "store.key"));
  const engines = openEngines({ dataDir, log });
  const cloud: VendorContext = { store, vault, engines, dataDir, s3Origin: () => url, log };
  const s3 = objectStorage(cloud, "aws");
  const absent = { fetch: () => new Response("", { status: 418 }), hasBucket: () => false };
  const front = signedFront({ s3, aws: awsApi(cloud), spaces: absent, r2: absent });
  let lost: RequestPattern | undefined;
  let rewriting: Rewriting | undefined;

  const handle = async (request: Request, { incoming }: { incoming: IncomingMessage }) => {
    const { pathname, search } = new URL(request.url);
    const form = request.method === "POST" ? await request.clone().text() : "";
    const line = `${request.method} ${pathname}${search} ${form}`;
    const answer = await front(request);
    if (lost?.test(line)) {
      lost = undefined;
      incoming.socket.destroy();
    }
    if (!rewriting?.matches.test(line)) return answer;
    const { status, headers } = answer;
    headers.delete("content-length");
    return new Response(rewriting.rewrite(await answer.text()), { status, headers });
  };
  const server = createAdaptorServer({
    fetch: handle as unknown as (request: Request) => Promise<Response>,
  }) as Server;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await Promise.all([s3.start(), start(cloud)]);
  return {
    url,
    account: (environment) => issueAwsAccount(cloud, environment),
    env: ({ accessKeyId, secretAccessKey, region }) => ({
      AWS_ENDPOINT_URL: url,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    }),
    loseAnswerTo: (matches) => {
      lost = matches;
    },
    rewriteAnswers: (change) => {
      rewriting = change;
    },
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await stop(cloud);
      await s3.close();
      await engines.dispose();
      store.close();
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}
