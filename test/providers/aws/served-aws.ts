import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type IssuedAwsAccount, issueAwsAccount } from "../../../local/aws/accounts.ts";
import { awsApi, start, stop } from "../../../local/aws/index.ts";
import { objectStorage } from "../../../local/object-storage/index.ts";
import { signedFront } from "../../../local/signed-front.ts";
import { serveVendor } from "../../support/vendor.ts";

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
  let lost: RequestPattern | undefined;
  let rewriting: Rewriting | undefined;

  const served = await serveVendor(dataDir, (cloud) => {
    const s3 = objectStorage(cloud, "aws");
    const absent = { fetch: () => new Response("", { status: 418 }), hasBucket: () => false };
    const front = signedFront({ s3, aws: awsApi(cloud), spaces: absent, r2: absent });
    return {
      async fetch(request, { incoming }) {
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
      },
      start: () => Promise.all([s3.start(), start(cloud)]),
      stop: () => Promise.all([stop(cloud), s3.close()]),
    };
  });
  const { cloud, origin: url, started, close } = served;
  await started;
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
    close,
  };
}
