import { createHash, timingSafeEqual } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import { Sha256 } from "../runtime/sha256.ts";
import { invalidArgument, s3Error, unauthorized } from "./errors.ts";

/** What a signature is valid for, as the credential names it. */
export interface SigningScope {
  readonly region: string;
  /** `s3`, `rds`, … */
  readonly service: string;
}

/** What a request says about who signed it, how and when. */
export interface RequestSignature extends SigningScope {
  readonly accessKeyId: string;
  readonly date: Date;
  /** Lower-case names. */
  readonly signedHeaders: readonly string[];
  /** Hexadecimal. */
  readonly signature: string;
  /**
   * How the body was signed: its SHA-256, `UNSIGNED-PAYLOAD` or a name that begins with `STREAMING-`.
   * Empty for services besides S3, whose clients may sign the body without saying so.
   */
  readonly payload: string;
  /** Seconds from `date` that a presigned URL is valid; undefined when a header carries the signature. */
  readonly expiresIn: number | undefined;
}

/** That a request was signed with the secret of its key. */
export interface Proof {
  readonly signature: RequestSignature;
  /** Whether `chunkSignature` is what the secret makes of a chunk of the body that follows `prior`. */
  readonly isChunkSignature: (
    chunk: Uint8Array,
    prior: string,
    chunkSignature: string,
  ) => Promise<boolean>;
}

const S3 = "s3";
const ALGORITHM = "AWS4-HMAC-SHA256";
const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";
const MAX_CLOCK_SKEW_MS = 15 * 60 * 1000;
const MAX_EXPIRES_SECONDS = 7 * 24 * 60 * 60;

/** The parameters that presigning adds; they are not part of what is signed again. */
const PRESIGNED = {
  algorithm: "X-Amz-Algorithm",
  credential: "X-Amz-Credential",
  date: "X-Amz-Date",
  expires: "X-Amz-Expires",
  signedHeaders: "X-Amz-SignedHeaders",
  signature: "X-Amz-Signature",
} as const;

/**
 * Reads the signature from the header or the query. Throws S3's refusal when it is unusable or out of its
 * time; `refuseScope` throws when it is for another service or a region that the vendor does not have.
 */
export function readSignature(
  request: Request,
  url: URL,
  now: Date,
  refuseScope: (scope: SigningScope) => void,
): RequestSignature {
  const authorization = request.headers.get("authorization");
  const isPresigned = url.searchParams.has(PRESIGNED.credential);
  if (authorization === null && !isPresigned) throw invalidArgument("Authorization");
  const signature =
    authorization === null
      ? presignedSignature(url, now)
      : headerSignature(request, authorization, now);
  refuseScope(signature);
  return signature;
}

/** The key and the service that a request claims, nothing verified; undefined when it is not signed. */
export function claimedSigner(
  request: Request,
  url: URL,
): Pick<RequestSignature, "accessKeyId" | "service"> | undefined {
  const authorization = request.headers.get("authorization");
  const credential =
    authorization === null
      ? url.searchParams.get(PRESIGNED.credential)
      : /\bCredential=([^,\s]*)/.exec(authorization)?.[1];
  if (credential === null || credential === undefined) return undefined;
  const [accessKeyId = "", , , service = ""] = credential.split("/");
  return { accessKeyId, service };
}

/**
 * Signs the request again with the secret that its key id has. Throws SignatureDoesNotMatch unless the same
 * comes out. Services besides S3 hand the body in, which is signed with the rest.
 */
export async function verifySignature(
  request: Request,
  url: URL,
  signature: RequestSignature,
  secretAccessKey: string,
  body?: Uint8Array,
): Promise<void> {
  const expected = await expectedSignature(request, url, signature, secretAccessKey, body);
  const isBodySigned = body === undefined || isHashOf(signature.payload, body);
  if (!isBodySigned || !equalInConstantTime(expected, signature.signature)) {
    throw s3Error(
      403,
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your secret access key and signing method.",
    );
  }
}

/** Verifies a request to S3, whose body is verified later, while it streams. Throws S3's refusal. */
export async function prove(
  request: Request,
  url: URL,
  signature: RequestSignature,
  secretAccessKey: string,
): Promise<Proof> {
  refuseUnsignedOrders(request.headers, signature);
  await verifySignature(request, url, signature, secretAccessKey);
  const signer = signerFor(signature, secretAccessKey);
  return {
    signature,
    async isChunkSignature(chunk, prior, chunkSignature) {
      // A chunk is signed as the library signs an event without headers.
      const expected = await signer.sign(
        { headers: new Uint8Array(), payload: chunk },
        { priorSignature: prior, signingDate: signature.date },
      );
      return equalInConstantTime(expected, chunkSignature);
    },
  };
}

/** Whether two signatures are the same, in a time that tells nothing about where they differ. */
export function equalInConstantTime(expected: string, actual: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(actual)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const signerFor = (
  { accessKeyId, region, service }: RequestSignature,
  secretAccessKey: string,
): SignatureV4 =>
  new SignatureV4({
    service,
    region,
    credentials: { accessKeyId, secretAccessKey },
    sha256: Sha256,
    // Every service but S3 encodes the path a second time.
    uriEscapePath: service !== S3,
    applyChecksum: false,
  });

/** Such headers change what a request does: a presigned PUT would copy any object by one of them. */
function refuseUnsignedOrders(headers: Headers, { signedHeaders }: RequestSignature): void {
  for (const name of headers.keys()) {
    const isOrder = name.startsWith("x-amz-") && name !== "x-amz-content-sha256";
    if (isOrder && !signedHeaders.includes(name)) {
      throw s3Error(
        403,
        "AccessDenied",
        `There were headers present in the request which were not signed: ${name}`,
      );
    }
  }
}

/** Of a body whose hash was not told, the signature itself is the proof. */
const isHashOf = (payload: string, body: Uint8Array): boolean =>
  payload === "" || payload === createHash("sha256").update(body).digest("hex");

function headerSignature(request: Request, authorization: string, now: Date): RequestSignature {
  const fields = new Map(
    authorization
      .slice(ALGORITHM.length)
      .split(",")
      .map((field) => {
        const [name = "", ...value] = field.trim().split("=");
        return [name, value.join("=")];
      }),
  );
  const credential = fields.get("Credential");
  const signedHeaders = fields.get("SignedHeaders");
  const signature = fields.get("Signature");
  if (
    !authorization.startsWith(`${ALGORITHM} `) ||
    credential === undefined ||
    signedHeaders === undefined ||
    signature === undefined
  ) {
    throw s3Error(400, "InvalidRequest", `Please use ${ALGORITHM}`);
  }
  const date = parseDate(request.headers.get("x-amz-date"), "x-amz-date header");
  const scope = scopeOf(credential, date);
  const payload = request.headers.get("x-amz-content-sha256") ?? "";
  if (payload === "" && scope.service === S3) {
    throw s3Error(400, "InvalidRequest", "Missing x-amz-content-sha256");
  }
  refuseSkew(Math.abs(now.getTime() - date.getTime()));
  return {
    ...scope,
    date,
    signedHeaders: namesOf(signedHeaders),
    signature,
    payload,
    expiresIn: undefined,
  };
}

function presignedSignature({ searchParams }: URL, now: Date): RequestSignature {
  const parameter = (name: string): string => {
    const value = searchParams.get(name);
    if (value === null) throw invalidArgument(`Required search parameter ${name} missing`);
    return value;
  };
  if (parameter(PRESIGNED.algorithm) !== ALGORITHM) {
    throw s3Error(400, "InvalidRequest", `Please use ${ALGORITHM}`);
  }
  const expiresIn = Number(parameter(PRESIGNED.expires));
  if (!(expiresIn >= 1 && expiresIn <= MAX_EXPIRES_SECONDS)) {
    throw invalidArgument("X-Amz-Expires must be a number of seconds between 1 and a week");
  }
  const date = parseDate(parameter(PRESIGNED.date), PRESIGNED.date);
  refuseSkew(date.getTime() - now.getTime());
  if (now.getTime() > date.getTime() + expiresIn * 1000) {
    throw s3Error(403, "ExpiredRequest", "Request has expired");
  }
  const scope = scopeOf(parameter(PRESIGNED.credential), date);
  return {
    ...scope,
    date,
    signedHeaders: namesOf(parameter(PRESIGNED.signedHeaders)),
    signature: parameter(PRESIGNED.signature),
    payload: scope.service === S3 ? UNSIGNED_PAYLOAD : "",
    expiresIn,
  };
}

async function expectedSignature(
  request: Request,
  url: URL,
  signature: RequestSignature,
  secretAccessKey: string,
  body: Uint8Array | undefined,
): Promise<string> {
  const signer = signerFor(signature, secretAccessKey);
  const signed = new Set(signature.signedHeaders);
  const headers: Record<string, string> = {};
  for (const name of signed) headers[name] = request.headers.get(name) ?? "";
  const unsigned = {
    method: request.method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: signedQuery(url),
    ...(body === undefined ? {} : { body }),
  };
  const options = { signingDate: signature.date, signableHeaders: signed };

  if (signature.expiresIn === undefined) {
    const again = await signer.sign({ ...unsigned, headers }, options);
    return /Signature=([0-9a-f]+)$/.exec(again.headers.authorization ?? "")?.[1] ?? "";
  }
  // The signer takes the payload's name from this header, which must not become part of the URL.
  const withPayload =
    body === undefined ? { "x-amz-content-sha256": UNSIGNED_PAYLOAD, ...headers } : headers;
  const again = await signer.presign(
    { ...unsigned, headers: withPayload },
    {
      ...options,
      expiresIn: signature.expiresIn,
      unhoistableHeaders: new Set(Object.keys(withPayload)),
      unsignableHeaders: new Set(["x-amz-content-sha256"]),
    },
  );
  return String(again.query?.[PRESIGNED.signature] ?? "");
}

function signedQuery({ searchParams }: URL): Record<string, string | string[]> {
  const presigned = new Set<string>(Object.values(PRESIGNED));
  const query: Record<string, string | string[]> = {};
  for (const name of new Set(searchParams.keys())) {
    if (presigned.has(name)) continue;
    const values = searchParams.getAll(name);
    query[name] = values.length === 1 ? (values[0] ?? "") : values;
  }
  return query;
}

/** `<key id>/<yyyymmdd>/<region>/<service>/aws4_request` */
function scopeOf(
  credential: string,
  date: Date,
): SigningScope & Pick<RequestSignature, "accessKeyId"> {
  const parts = credential.split("/");
  const [accessKeyId, day, region, service, terminator] = parts;
  if (
    parts.length !== 5 ||
    accessKeyId === undefined ||
    region === undefined ||
    service === undefined
  ) {
    throw invalidArgument(
      `Credential sigv4 header should have at least 5 slash-separated parts, not ${parts.length}`,
    );
  }
  if (terminator !== "aws4_request") {
    throw invalidArgument(
      `Credential termination string should be aws4_request, not ${terminator}`,
    );
  }
  const expectedDay = date.toISOString().slice(0, 10).replaceAll("-", "");
  if (day !== expectedDay) {
    throw invalidArgument(`Credential signed date ${day} does not match ${expectedDay}`);
  }
  return { accessKeyId, region, service };
}

function namesOf(field: string): string[] {
  const names = field.toLowerCase().split(";");
  if (!names.includes("host")) throw unauthorized();
  return names;
}

function parseDate(text: string | null, source: string): Date {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text ?? "");
  const [, year, month, day, hour, minute, second] = match ?? [];
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(date.getTime())) {
    throw invalidArgument(`Date provided in ${source} (${text}) didn't parse successfully`);
  }
  return date;
}

function refuseSkew(milliseconds: number): void {
  if (milliseconds <= MAX_CLOCK_SKEW_MS) return;
  throw s3Error(
    403,
    "RequestTimeTooSkewed",
    "The difference between the request time and the server's time is too large.",
  );
}
