import type {
  CreateUserCommandInput,
  InputAuthenticationType,
  ModifyUserCommandInput,
  User,
} from "@aws-sdk/client-elasticache";
import type { CheckFailure } from "../../../../../providers/sdk/check.ts";
import type { InputsOf } from "../../../../../providers/sdk/properties.ts";
import {
  isMap,
  type PlainValue,
  type PropertyMap,
  type RevealedMap,
  Secret,
} from "../../../../../providers/sdk/values.ts";
import { SERVER_TIMEOUT_MS, waitUntil } from "../../../../../providers/sdk/wait.ts";
import { present } from "../../../present.ts";
import type { Regional } from "../../client.ts";
import { awsCode, orMissing } from "../../fault.ts";
import { inherited, optional, output, REPLACE, required } from "../../rows.ts";
import { type AwsContext, changedInputs, define, lowerCase, regionRow } from "../../shared.ts";
import { allTags, liveTags, syncTags, tagList, tagRows } from "../../tags.ts";

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

/** `aws.elasticache.User`. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateUser.html */
export const cacheUser = define({
  token: "aws:elasticache/user:User",
  title: "cache user",
  doc: "A user of caches. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html",
  identity: ["region", "userId"],
  importFormat: "<user_id>",
  properties,
  creationTimeUnknown: true,
  parseImportId: (id) => (id === "" ? undefined : { id, state: { userId: id } }),
  seal: sealPasswords,
  validate,
  async create({ client }, inputs) {
    const cache = await client.elasticache(inputs);
    const tagsAll = allTags(client, inputs);
    const made = await cache.createUser({
      UserId: inputs.userId,
      UserName: inputs.userName,
      AccessString: inputs.accessString,
      Engine: inputs.engine,
      ...loginFields(inputs),
      Tags: tagList(tagsAll),
    } as CreateUserCommandInput);
    const region = client.regionOf(inputs);
    return { id: inputs.userId.toLowerCase(), state: { ...stateOf(made), region, tagsAll } };
  },
  async finish(context, { id, state }, inputs) {
    const found = await waitUntil(context, {
      doing: "making active",
      timeoutMs: SERVER_TIMEOUT_MS,
      probe: async () => {
        const found = await describe(context, inputs, id);
        const status = found?.Status ?? "not found";
        const outcome = status === "active" ? "ready" : found ? "waiting" : "failed";
        return { value: found ?? {}, status, outcome };
      },
    });
    return { id, state: { ...state, ...withoutLogin(stateOf(found)) } };
  },
  async read(context, id, { inputs, state }) {
    const { client } = context;
    const found = await describe(context, state, id);
    if (found === undefined) return undefined;
    const cache = await client.elasticache(state);
    const tags = found.ARN && (await cache.listTagsForResource({ ResourceName: found.ARN }));
    const { authenticationMode, noPasswordRequired, ...rest } = stateOf(found);
    return {
      id,
      state: {
        ...rest,
        region: client.regionOf(state),
        ...(state.authenticationMode ? { authenticationMode } : { noPasswordRequired }),
        ...(tags ? liveTags(client, tags.TagList, inputs ?? state) : {}),
      },
    };
  },
  async update({ client }, id, inputs, known) {
    const cache = await client.elasticache(inputs);
    const { tags: _, ...changed } = changedInputs(properties, known, inputs);
    const login = ["passwords", "noPasswordRequired", "authenticationMode"].some(
      (name) => name in changed,
    );
    if (Object.keys(changed).length > 0)
      await cache.modifyUser({
        UserId: id,
        ...("accessString" in changed ? { AccessString: inputs.accessString } : {}),
        ...("engine" in changed ? { Engine: inputs.engine } : {}),
        ...(login ? loginFields(inputs) : {}),
      } as ModifyUserCommandInput);
    if (known.state.arn) await syncTags(cache, client, known.state.arn, inputs);
    return { tagsAll: allTags(client, inputs) };
  },
  async delete(context, id, state) {
    const cache = await context.client.elasticache(state);
    try {
      await cache.deleteUser({ UserId: id });
    } catch (error) {
      // Another run's deletion that goes on.
      if (awsCode(error) !== "InvalidUserState") throw error;
      if ((await describe(context, state, id))?.Status !== "deleting") throw error;
    }
    await waitUntil(context, {
      doing: "deleting",
      timeoutMs: SERVER_TIMEOUT_MS,
      probe: async () => {
        const found = await describe(context, state, id);
        const outcome = found ? "waiting" : "ready";
        return { value: undefined, status: found?.Status ?? "deleted", outcome };
      },
    });
  },
  async findExisting(context, inputs) {
    const found = await describe(context, inputs, inputs.userId);
    const region = context.client.regionOf(inputs);
    return found && { id: inputs.userId.toLowerCase(), state: { ...stateOf(found), region } };
  },
});

/** Passwords are secrets wherever they stand, whatever the program made them of. */
function sealPasswords(inputs: PropertyMap): PropertyMap {
  const mode = inputs.authenticationMode;
  if (!isMap(mode) || mode.passwords === undefined) return inputs;
  const { passwords } = mode as PropertyMap;
  const sealed = passwords instanceof Secret ? passwords : new Secret(passwords ?? null);
  return { ...inputs, authenticationMode: { ...(mode as PropertyMap), passwords: sealed } };
}

function validate(inputs: RevealedMap): CheckFailure[] {
  const ways = ["passwords", "noPasswordRequired", "authenticationMode"].filter(
    (name) => inputs[name] !== undefined && inputs[name] !== false,
  );
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

async function describe(
  { client }: AwsContext,
  where: Regional,
  id: string,
): Promise<User | undefined> {
  const cache = await client.elasticache(where);
  return (await orMissing(cache.describeUsers({ UserId: id })))?.Users?.[0];
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
function withoutLogin(state: ReturnType<typeof stateOf>) {
  const { noPasswordRequired: _, authenticationMode: __, ...rest } = state;
  return rest;
}
