import { randomUUID } from "node:crypto";
import {
  check,
  cleanUp,
  expectStatus,
  expectThat,
  type SmokeResult,
  type SmokeTarget,
  textAt,
} from "./check.ts";

const REFUSAL = "Invalid email or password";

interface Account {
  readonly email: string;
  readonly password: string;
}

/**
 * A user of one environment does not exist in the other (Q10, Q11): registered at home, let in at
 * home, refused abroad, while abroad lets its own user in (so that the refusal is not an outage).
 * A session's token is refused abroad too. The users are removed afterwards.
 */
export async function qhubIsolation(a: SmokeTarget, b: SmokeTarget): Promise<SmokeResult[]> {
  const [ofA, ofB] = [newAccount(), newAccount()];
  const results = [
    await check(`qhub ${a.environment}: a user of its own registers and logs in`, () =>
      registerAndLogIn(a, ofA),
    ),
    await check(`qhub ${b.environment}: a user of its own registers and logs in`, () =>
      registerAndLogIn(b, ofB),
    ),
    await check(`qhub ${b.environment}: refuses the user of ${a.environment}`, () =>
      refusesLogin(b, ofA),
    ),
    await check(`qhub ${a.environment}: refuses the user of ${b.environment}`, () =>
      refusesLogin(a, ofB),
    ),
    await check(`qhub ${b.environment}: refuses a session token of ${a.environment}`, () =>
      refusesToken(a, b, ofA),
    ),
    await check(`qhub ${a.environment}: refuses a session token of ${b.environment}`, () =>
      refusesToken(b, a, ofB),
    ),
  ];
  return [
    ...results,
    ...(await cleanUp("qhub", a, () => removeUser(a, ofA, ofB))),
    ...(await cleanUp("qhub", b, () => removeUser(b, ofB, ofA))),
  ];
}

const newAccount = (): Account => ({
  email: `smoke-${randomUUID()}@example.com`,
  password: randomUUID(),
});

async function registerAndLogIn(target: SmokeTarget, account: Account): Promise<string> {
  const username = `smoke-${randomUUID().slice(0, 12)}`;
  const registered = await target.send({
    method: "POST",
    path: "/auth/register",
    json: { ...account, username },
  });
  expectStatus("register", registered, 201);
  await logIn(target, account);
  return "register 201, login 200";
}

/** @returns The session's token. */
async function logIn(target: SmokeTarget, account: Account): Promise<string> {
  const answer = await target.send({ method: "POST", path: "/auth/login", json: account });
  return textAt(expectStatus("login", answer, 200), "token");
}

async function refusesLogin(target: SmokeTarget, stranger: Account): Promise<string> {
  const answer = await target.send({ method: "POST", path: "/auth/login", json: stranger });
  const error = textAt(expectStatus("login", answer, 401), "error");
  expectThat(error === REFUSAL, `login was refused with "${error}"`);
  return `401 "${error}"`;
}

async function refusesToken(
  home: SmokeTarget,
  abroad: SmokeTarget,
  account: Account,
): Promise<string> {
  const token = await logIn(home, account);
  expectStatus(
    `/auth/me in ${home.environment}`,
    await home.send({ method: "GET", path: "/auth/me", token }),
    200,
  );
  expectStatus(
    `/auth/me in ${abroad.environment}`,
    await abroad.send({ method: "GET", path: "/auth/me", token }),
    401,
  );
  return `200 in ${home.environment}, 401 in ${abroad.environment}`;
}

/** The refused attempts of the other environment's user were counted, and go as well. */
async function removeUser(target: SmokeTarget, own: Account, stranger: Account): Promise<void> {
  await target.query("DELETE FROM users WHERE email = ?", [own.email]);
  await target.query("DELETE FROM login_attempts WHERE email = ?", [stranger.email]);
}
