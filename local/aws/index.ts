import { randomUUID } from "node:crypto";
import { boundedBody } from "../bounded-body.ts";
import { DISK_FULL_ADVICE, isDiskFull } from "../disk-full.ts";
import { claimedSigner } from "../s3/signature.ts";
import type { VendorContext } from "../vendor-context.ts";
import { backgroundOf } from "./background.ts";
import { recordCall } from "./cloudtrail/events.ts";
import { answerCloudTrail, CLOUDTRAIL, jsonError, jsonResponse } from "./cloudtrail/index.ts";
import { resourcesOf } from "./cloudtrail/resources.ts";
import { ec2 } from "./ec2/index.ts";
import { elastiCache, elastiCacheEndpoints, startElastiCache } from "./elasticache/index.ts";
import { authenticate } from "./protocol/authentication.ts";
import { AwsError, refusal } from "./protocol/errors.ts";
import type { AwsService } from "./protocol/operation.ts";
import { parseParameters } from "./protocol/query.ts";
import { operationShapes } from "./protocol/shapes.ts";
import { answerDocument, errorDocument } from "./protocol/xml.ts";
import { rds, rdsEndpoints, refreshAccess, startRds } from "./rds/index.ts";
import { sts } from "./sts/index.ts";

const services: readonly AwsService[] = [ec2(refreshAccess), elastiCache, rds, sts];

/** No request of these services is longer than the longest of EC2's. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/**
 * Every AWS API but S3's, by the service that the credential scope of the request's signature names.
 * Differs from the vendor's: one endpoint serves all services, regions and accounts; what is not
 * implemented is refused by the name of the action or parameter.
 */
export function awsApi(cloud: VendorContext): { fetch(request: Request): Promise<Response> } {
  // Before the first request, which may give out endpoints.
  for (const endpoint of [...rdsEndpoints(cloud), ...elastiCacheEndpoints(cloud)]) {
    cloud.engines.claim(endpoint);
  }
  return {
    async fetch(request) {
      const signer = claimedSigner(request, new URL(request.url));
      const claimed = signer?.service ?? "";
      if (claimed === CLOUDTRAIL) return answerJson(cloud, request);
      const service = services.find(({ name }) => name === claimed);
      const requestId = randomUUID();
      const frame = {
        protocol: service?.protocol ?? ("query" as const),
        namespace: service?.namespace ?? "https://aws.amazon.com/",
        requestId,
      };
      try {
        if (service === undefined) throw noSuchService(claimed);
        const { caller, action, input, shape, output } = await perform(cloud, service, request);
        recordCall(caller, {
          name: action,
          service: service.name,
          accessKeyId: signer?.accessKeyId ?? "",
          resources: resourcesOf(action, input, output),
        });
        const document = answerDocument({ ...frame, action }, shape, output);
        return xmlResponse(200, requestId, document);
      } catch (error) {
        const refused = error instanceof AwsError ? error : internal(cloud, claimed, error);
        return xmlResponse(refused.status, requestId, errorDocument(frame, refused));
      }
    },
  };
}

/** Brings up every server, and goes on with what a killed cloud left unfinished. Resolves when all is settled. */
export function start(cloud: VendorContext): Promise<void> {
  startRds(cloud);
  startElastiCache(cloud);
  return backgroundOf(cloud).idle();
}

/** Resolves when nothing is going on any more; to be called before the engines and the store are closed. */
export const stop = (cloud: VendorContext): Promise<void> => backgroundOf(cloud).close();

/** What an account has, by the names of the store's kinds. */
const INVENTORY: Readonly<Record<string, string>> = {
  "ec2-vpc": "VPCs",
  "rds-instance": "RDS instances",
  "rds-snapshot": "RDS snapshots",
  "elasticache-replication-group": "ElastiCache replication groups",
};

/** How many of each kind an account has in all regions, its default VPCs left out. */
export function inventory(
  cloud: VendorContext,
  accountId: string,
): Readonly<Record<string, number>> {
  const counts = Object.entries(INVENTORY).map(([kind, label]) => {
    const documents = cloud.store.collection<{ readonly isDefault?: boolean }>(kind).all();
    const own = documents.filter(
      ({ account, body }) => account.startsWith(`${accountId}/`) && body.isDefault !== true,
    );
    return [label, own.length];
  });
  return Object.fromEntries(counts);
}

async function perform(cloud: VendorContext, service: AwsService, request: Request) {
  const body = await bodyOf(request);
  const caller = await authenticate(cloud, { request, body }, service);
  const { Action: action, Version: version, ...parameters } = formOf(request, body);
  if (action === undefined) {
    throw refusal("MissingAction", "The request must contain the parameter Action.");
  }
  if (version !== service.version) {
    throw refusal(
      "NoSuchVersion",
      `The requested version (${version}) is not valid; this is ${service.version}.`,
    );
  }
  const operation = Object.hasOwn(service.operations, action)
    ? service.operations[action]
    : undefined;
  const shapes = operationShapes(await service.client(), action);
  if (operation === undefined || shapes === undefined) {
    throw refusal("InvalidAction", `The action ${action} is not valid for this web service.`);
  }
  const input = parseParameters(Object.entries(parameters), shapes.input, service.protocol);
  const output = await operation.run(caller, input);
  return { caller, action, input, shape: shapes.output, output };
}

/** CloudTrail, the only service here that speaks JSON. */
async function answerJson(cloud: VendorContext, request: Request): Promise<Response> {
  const requestId = randomUUID();
  try {
    const answer = await answerCloudTrail(cloud, request, await bodyOf(request));
    return jsonResponse(200, requestId, answer);
  } catch (error) {
    const refused = error instanceof AwsError ? error : internal(cloud, CLOUDTRAIL, error);
    return jsonResponse(refused.status, requestId, jsonError(refused));
  }
}

async function bodyOf(request: Request): Promise<Uint8Array> {
  const tooLong = refusal("RequestEntityTooLarge", "The request is too long.");
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLong;
  // A chunked body does not say its length before.
  const body = await boundedBody(request, MAX_BODY_BYTES);
  if (body === undefined) throw tooLong;
  return body;
}

function formOf({ method }: Request, body: Uint8Array): Record<string, string> {
  if (method !== "POST") {
    throw new AwsError(405, "InvalidRequest", `Send the request as POST, not ${method}.`);
  }
  const form: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(Buffer.from(body).toString("utf8"))) {
    if (form[name] !== undefined) {
      throw refusal("InvalidParameterValue", `The parameter ${name} is given twice.`);
    }
    form[name] = value;
  }
  return form;
}

function noSuchService(service: string): AwsError {
  return service === ""
    ? new AwsError(403, "MissingAuthenticationToken", "Request is missing Authentication Token")
    : refusal(
        "InvalidAction",
        `The local cloud has no AWS service ${service}; it has ${services.map(({ name }) => name).join(", ")}, ${CLOUDTRAIL} and s3.`,
      );
}

function internal(cloud: VendorContext, service: string, error: unknown): AwsError {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  cloud.log(`AWS ${service} failed: ${stack ?? message}`);
  return new AwsError(
    500,
    "InternalFailure",
    isDiskFull(error)
      ? DISK_FULL_ADVICE
      : "An internal error has occurred. `npx bulkhead local logs` shows the cause.",
  );
}

const xmlResponse = (status: number, requestId: string, document: string): Response =>
  new Response(document, {
    status,
    headers: { "content-type": "text/xml;charset=UTF-8", "x-amzn-requestid": requestId },
  });
