/** Whether every login that the stack's secrets hold still works. */

import type { ResourceFact } from "../../isolation/facts.ts";
import { STACK_TYPE } from "../../isolation/facts.ts";
import { messageOf } from "../../policy/wording.ts";
import type { Difference } from "../finding.ts";
import { isRefusal, type Login, logIn, type Trust } from "../logins/login.ts";
import { found, grouped, isThere, lookAtEach, openOutputs, openResources } from "./facts.ts";
import { keyChecks } from "./keys.ts";
import type { Probe, ProbeInput } from "./probe.ts";
import { type HeldLogin, heldLogins } from "./stack-logins.ts";
import { trustOf } from "./trust.ts";

export const logins: Probe = {
  name: "logins",
  looksAt: "whether the stack's passwords and keys still work",
  async run(input) {
    const resources = await openResources(input);
    const held = heldLogins(resources, await openOutputs(input)).filter(
      ({ holder }) => holder === undefined || isThere(input, holder),
    );
    const trustFor = await trustOf(input, resources);
    // One password opens its server, its pool and what else leads there: that it does not is told once.
    const passwords = grouped(held, ({ login }) => JSON.stringify([login.user, login.password]));
    const servers = [...passwords.values()].map((ways) => async () => {
      for (const way of ways)
        if (await isRefused(way.login, await trustFor(way.login))) return [refused(way, input)];
      return [];
    });
    const keys = await keyChecks(
      input,
      resources.filter((each) => isThere(input, each)),
    );
    return lookAtEach([...servers, ...keys], (check) => check());
  },
};

/** @throws Error when the server cannot be asked. */
async function isRefused(login: Login, trust: Trust): Promise<boolean> {
  try {
    await logIn(login, trust);
    return false;
  } catch (error) {
    const said = messageOf(error);
    if (isRefusal(login.kind, said)) return true;
    throw new Error(`Nobody can try to log in to ${login.host}:${login.port}: ${said}.`);
  }
}

function refused({ login, holder, output }: HeldLogin, { stack }: ProbeInput): Difference {
  const { host, port, user } = login;
  const where = output === undefined ? "" : `, which the output ${output} holds,`;
  return found(
    "secret",
    holder ?? stackResource(stack),
    `${host}:${port} refuses ${user} with the password that the stack holds${where}: it was changed in place, or the user is gone.`,
    { key: `${user}@${host}:${port}` },
  );
}

/** The stack itself, which has the outputs. */
function stackResource({ project, stack }: ProbeInput["stack"]): ResourceFact {
  const name = `${project}-${stack}`;
  return {
    urn: `urn:pulumi:${stack}::${project}::${STACK_TYPE}::${name}`,
    type: STACK_TYPE,
    name,
    custom: false,
    external: false,
    inputs: {},
    outputs: {},
    protect: false,
  };
}
