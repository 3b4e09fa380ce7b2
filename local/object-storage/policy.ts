import { BlockList, isIPv4, isIPv6 } from "node:net";
import { z } from "zod";
import { type S3Error, s3Error } from "../s3/errors.ts";
import { matchesWildcard } from "./wildcard.ts";

/** What a policy is asked. */
export interface PolicyQuestion {
  /** The caller's account; undefined for anonymous callers. */
  readonly accountId: string | undefined;
  /** `s3:GetObject`, … */
  readonly action: string;
  /** `arn:aws:s3:::bucket` or `arn:aws:s3:::bucket/key`. */
  readonly resource: string;
  readonly sourceIp: string;
  readonly isSecureTransport: boolean;
}

/** The vendor's limit. */
const MAX_POLICY_BYTES = 20 * 1024;
const ARN = "arn:aws:s3:::";
const EVERYBODY = "*";
/** An account, by its id or its root's ARN. */
const ACCOUNT = /^(?:arn:aws:iam::([\w-]+):root|([\w-]+))$/;
/** The widest ranges of addresses that are not everybody, as the vendor draws the line. */
const WIDEST_PRIVATE_PREFIX = { ipv4: 8, ipv6: 32 } as const;

const oneOrMore = <T extends z.ZodType>(item: T) =>
  z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(item).min(1));

const truth = z.union([
  z.boolean(),
  z.enum(["true", "false"]).transform((text) => text === "true"),
]);
const range = z.string().refine((text) => rangeOf(text) !== undefined, "is no range of addresses");
const addresses = z.strictObject({ "aws:SourceIp": oneOrMore(range) });
const account = z
  .string()
  .refine((text) => text === EVERYBODY || ACCOUNT.test(text), "is neither * nor an account");

const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(["Allow", "Deny"]),
  Principal: z.union([
    z.literal(EVERYBODY),
    z.strictObject({
      AWS: oneOrMore(account).optional(),
      /** Services of the vendor, none of which calls here. */
      Service: oneOrMore(z.string()).optional(),
    }),
  ]),
  Action: oneOrMore(z.string().regex(/^(\*|s3:[a-z*?]+)$/i, "is no action of S3")),
  Resource: oneOrMore(z.string()),
  Condition: z
    .strictObject({
      Bool: z.strictObject({ "aws:SecureTransport": oneOrMore(truth) }).optional(),
      IpAddress: addresses.optional(),
      NotIpAddress: addresses.optional(),
    })
    .optional(),
});

const policy = z.strictObject({
  Version: z.enum(["2012-10-17", "2008-10-17"]).optional(),
  Id: z.string().optional(),
  Statement: oneOrMore(statement),
});

type Statement = z.infer<typeof statement>;
export type Policy = z.infer<typeof policy>;

/**
 * A bucket's policy, or MalformedPolicy where it is wrong or says something that is not evaluated here.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-policy-language-overview.html
 */
export function parsePolicy(text: string, bucketName: string): Policy {
  if (Buffer.byteLength(text) > MAX_POLICY_BYTES) {
    throw malformedPolicy(`The policy is larger than ${MAX_POLICY_BYTES} bytes.`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformedPolicy("Policies must be valid JSON and the first byte must be '{'");
  }
  const parsed = policy.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join(".") || "The policy";
    throw malformedPolicy(`${field}: ${issue?.message ?? "is invalid"}`);
  }
  for (const resource of parsed.data.Statement.flatMap(({ Resource }) => Resource)) {
    const inside = [ARN + bucketName, `${ARN}${bucketName}/`];
    if (resource !== inside[0] && !resource.startsWith(inside[1] ?? "")) {
      throw malformedPolicy(`Policy has invalid resource: ${resource} is not of this bucket`);
    }
    if (resource.includes("${")) {
      throw malformedPolicy(`Policy has invalid resource: ${resource} has a variable`);
    }
  }
  return parsed.data;
}

/** What the policy says; a statement that denies goes before all that allow. */
export function askPolicy(
  { Statement }: Policy,
  question: PolicyQuestion,
): "Allow" | "Deny" | undefined {
  const effects = Statement.filter((candidate) => speaksOf(candidate, question)).map(
    ({ Effect }) => Effect,
  );
  return effects.includes("Deny") ? "Deny" : effects[0];
}

/**
 * Whether anybody at all is allowed something.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
 */
export const isPublicPolicy = ({ Statement }: Policy): boolean =>
  Statement.some(
    ({ Effect, Principal, Condition }) =>
      Effect === "Allow" &&
      (Principal === EVERYBODY || Principal.AWS?.includes(EVERYBODY) === true) &&
      !(Condition?.IpAddress?.["aws:SourceIp"].every(isNarrow) ?? false),
  );

function speaksOf({ Principal, Action, Resource, Condition }: Statement, question: PolicyQuestion) {
  const action = question.action.toLowerCase();
  return (
    includesCaller(Principal, question.accountId) &&
    Action.some((pattern) => matchesWildcard(pattern.toLowerCase(), action)) &&
    Resource.some((pattern) => matchesWildcard(pattern, question.resource)) &&
    (Condition?.Bool?.["aws:SecureTransport"].includes(question.isSecureTransport) ?? true) &&
    (Condition?.IpAddress?.["aws:SourceIp"].some(holds(question.sourceIp)) ?? true) &&
    !(Condition?.NotIpAddress?.["aws:SourceIp"].some(holds(question.sourceIp)) ?? false)
  );
}

function includesCaller(principal: Statement["Principal"], accountId: string | undefined): boolean {
  if (principal === EVERYBODY) return true;
  return (principal.AWS ?? []).some((text) => {
    const [, byArn, byId] = ACCOUNT.exec(text) ?? [];
    return text === EVERYBODY || (accountId !== undefined && (byArn ?? byId) === accountId);
  });
}

interface AddressRange {
  readonly address: string;
  readonly prefix: number;
  readonly family: "ipv4" | "ipv6";
}

function rangeOf(text: string): AddressRange | undefined {
  const [address = "", length, ...rest] = text.split("/");
  const family = isIPv4(address) ? "ipv4" : isIPv6(address) ? "ipv6" : undefined;
  if (family === undefined || rest.length > 0) return undefined;
  const bits = family === "ipv4" ? 32 : 128;
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined;
  const prefix = length === undefined ? bits : Number(length);
  return prefix <= bits ? { address, prefix, family } : undefined;
}

function isNarrow(text: string): boolean {
  const parsed = rangeOf(text);
  return parsed !== undefined && parsed.prefix >= WIDEST_PRIVATE_PREFIX[parsed.family];
}

const holds = (sourceIp: string) => (text: string) => {
  const parsed = rangeOf(text);
  if (parsed === undefined) return false;
  const list = new BlockList();
  list.addSubnet(parsed.address, parsed.prefix, parsed.family);
  return list.check(sourceIp, isIPv6(sourceIp) ? "ipv6" : "ipv4");
};

const malformedPolicy = (message: string): S3Error => s3Error(400, "MalformedPolicy", message);
