import type {
  CreateUserCommandInput,
  InputAuthenticationType,
  ModifyUserCommandInput,
  User,
} from "@aws-sdk/client-elasticache";
import type { CheckFailure } from "../../../../../providers/sdk/check.ts";
import type { InputsOf, StateOf } from "../../../../../providers/sdk/properties.ts";
import {
  isMap,
  type PlainValue,
  type PropertyMap,
  type RevealedMap,
  reveal,
  Secret,
} from "../../../../../providers/sdk/values.ts";
import { present } from "../../../present.ts";
import { namedOperations } from "../../named.ts";
import { inherited, optional, output, REPLACE, required } from "../../rows.ts";
import { define, lowerCase, regionRow } from "../../shared.ts";
import { tagRows } from "../../tags.ts";
import { untilActive } from "../../waiting.ts";

/** The vendor's word for how a user logs in, in answers ⇄ in requests. */
const ANSWERED_TYPES: { readonly [type: string]: string } = {
  "no-password": "no-password-required",
};

/** Rules are words; how far apart they stand says nothing. */
function singleSpaced(value: PlainValue): PlainValue {
  return typeof value === "string" ? value.trim().split(/\s+/).join(" ") : value;
}

const properties = {
  ...regionRow,
  ...tagRows,
  userId: required("string", "Id of the user.", { replace: true, normalize: lowerCase }),
  userName: required("string", "Name that the user logs in by.", REPLACE),
  accessString: required("string", "What the user may do, as in Redis' ACL.", {
    normalize: singleSpaced,
  }),
  engine: required("string", "Engine that the user is for.", {
    values: ["redis", "valkey", "REDIS", "VALKEY"],
    normalize: lowerCase,
  }),
  noPasswordRequired: optional("boolean", "Whether the user logs in without a password.", {
    unset: false,
  }),
  passwords: optional({ array: "string" }, "Up to two passwords.", { secret: true }),
  authenticationMode: inherited(
    {
      object: {
        type: required("string", "How the user logs in.", {
          values: ["password", "no-password-required", "iam"],
        }),
        passwords: inherited({ array: "string" }, "Up to two passwords."),
        passwordCount: output("integer", "Number of passwords."),
      },
    },
    "How the user logs in.",
  ),
  arn: output("string", "ARN of the user."),
} as const;

type Inputs = InputsOf<typeof properties>;
type State = StateOf<typeof properties>;

/** The ways to log in, of which a user has one. */
const LOGIN = ["passwords", "noPasswordRequired", "authenticationMode"] as const;

const { operations, find } = namedOperations<Inputs, State, User>({
  properties,
  nameProperty: "userId",
  async open(client, where) {
    const cache = await client.elasticache(where);
    return {
      service: cache,
      create: (inputs, Tags) =>
        cache.createUser({
          UserId: inputs.userId,
          UserName: inputs.userName,
          AccessString: inputs.accessString,
          Engine: inputs.engine,
          ...loginFields(inputs),
          Tags,
        } as CreateUserCommandInput),
      find: async (UserId) => (await cache.describeUsers({ UserId })).Users?.[0],
      change: (UserId, inputs, changed) =>
        cache.modifyUser({
          UserId,
          ...("accessString" in changed ? { AccessString: inputs.accessString } : {}),
          ...("engine" in changed ? { Engine: inputs.engine } : {}),
          ...(LOGIN.some((name) => name in changed) ? loginFields(inputs) : {}),
        } as ModifyUserCommandInput),
      remove: (UserId) => cache.deleteUser({ UserId }),
    };
  },
  stateOf(found, known) {
    const { authenticationMode, noPasswordRequired, ...rest } = stateOf(found);
    if (known === undefined) return { ...rest, authenticationMode, noPasswordRequired };
    // The way that the program does not take stays unsaid.
    return known.authenticationMode
      ? { ...rest, authenticationMode }
      : { ...rest, noPasswordRequired };
  },
  slow: { busyCode: "InvalidUserState", statusOf: ({ Status }) => Status },
});

/** `aws.elasticache.User`. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateUser.html */
export const cacheUser = define({
  token: "aws:elasticache/user:User",
  title: "cache user",
  doc: "A user of caches. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html",
  identity: ["region", "userId"],
  importFormat: "<user_id>",
  properties,
  creationTimeUnknown: true,
  seal: sealPasswords,
  validate,
  ...operations,
  async finish(context, { id, state }, inputs) {
    const found = await untilActive(context, () => find(context.client, inputs, id));
    return { id, state: { ...state, ...withoutLogin(stateOf(found), inputs) } };
  },
});

/** Passwords are secrets wherever they stand, whatever the program made them of. */
function sealPasswords(inputs: PropertyMap): PropertyMap {
  const mode = inputs.authenticationMode;
  if (!isMap(mode) || mode.passwords === undefined) return inputs;
  const { passwords } = mode as PropertyMap;
  // One seal around all: Pulumi's SDK for Node.js opens none inside another.
  const sealed = new Secret(reveal(passwords ?? null));
  return { ...inputs, authenticationMode: { ...(mode as PropertyMap), passwords: sealed } };
}

function validate(inputs: RevealedMap): CheckFailure[] {
  const ways = LOGIN.filter((name) => inputs[name] !== undefined && inputs[name] !== false);
  if (ways.length === 1) return [];
  const reason =
    ways.length === 0
      ? "The user has no way to log in. Give it passwords, authenticationMode or noPasswordRequired."
      : `${ways.join(" and ")} exclude each other. Leave all but one out.`;
  return [{ property: ways[0] ?? "passwords", reason }];
}

function loginFields({ passwords, noPasswordRequired, authenticationMode }: Inputs) {
  if (authenticationMode) {
    const { type, passwords: own } = authenticationMode;
    const mode = { Type: type as InputAuthenticationType, ...(own ? { Passwords: [...own] } : {}) };
    return { AuthenticationMode: mode };
  }
  return noPasswordRequired ? { NoPasswordRequired: true } : { Passwords: [...(passwords ?? [])] };
}

function stateOf(found: User) {
  const type = found.Authentication?.Type;
  const spelled = type === undefined ? undefined : (ANSWERED_TYPES[type] ?? type);
  return {
    ...present({
      userId: found.UserId,
      userName: found.UserName,
      accessString: found.AccessString,
      engine: found.Engine,
      arn: found.ARN,
    }),
    noPasswordRequired: spelled === "no-password-required",
    authenticationMode:
      spelled === undefined
        ? undefined
        : { type: spelled, ...present({ passwordCount: found.Authentication?.PasswordCount }) },
  };
}

/** What the program itself says of passwords is not for an answer to change. */
function withoutLogin(state: ReturnType<typeof stateOf>, { authenticationMode: own }: Inputs) {
  const { noPasswordRequired: _, authenticationMode, ...rest } = state;
  return own ? rest : { ...rest, authenticationMode };
}
