import type { z } from "zod";
import type { Caller } from "../caller.ts";
import { type AwsError, invalidValue, refusal } from "./errors.ts";
import type { Protocol } from "./query.ts";

/** One action of a service. `run` throws AwsError for what it refuses. */
export interface Operation {
  readonly run: (caller: Caller, request: unknown) => object | Promise<object>;
}

/** The actions of a service, or of a part of it, by name. */
export type Operations = Readonly<Record<string, Operation>>;

/** A vendor product that is spoken to in one of the query protocols. */
export interface AwsService {
  /** As the credential scope names it. */
  readonly name: string;
  readonly protocol: Protocol;
  /** The API's version, which every request names. */
  readonly version: string;
  readonly namespace: string;
  /** The vendor's client package, which knows every name. Loaded with the first request, for its size. */
  readonly client: () => Promise<Readonly<Record<string, unknown>>>;
  readonly operations: Operations;
}

/** An action that takes what `schema` describes; all other parameters of the vendor's are refused by name. */
export const operation = <S extends z.ZodType>(
  schema: S,
  run: (caller: Caller, request: z.infer<S>) => object | Promise<object>,
): Operation => ({
  run: (caller, request) => {
    const parsed = schema.safeParse(request, { reportInput: true });
    if (!parsed.success) throw refusalOf(parsed.error);
    return run(caller, parsed.data);
  },
});

function refusalOf({ issues: [issue] }: z.ZodError): AwsError {
  if (issue === undefined) return invalidValue("The request is not valid.");
  const path = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    const name = [...issue.path, issue.keys[0]].join(".");
    return refusal(
      "InvalidParameterValue",
      `The local cloud does not implement the parameter ${name}. Leave it out.`,
    );
  }
  if (issue.code === "invalid_type" && issue.input === undefined) {
    return refusal("MissingParameter", `The request must contain the parameter ${path}.`);
  }
  return invalidValue(`The parameter ${path} is not valid: ${issue.message}`);
}
