import { isRefusal, type Login, logIn, loginOfUrl } from "../../drift/logins/login.ts";
import { messageOf } from "../user-error.ts";
import { check, expectThat, type SmokeResult } from "./check.ts";

/** A system's connection URLs in one environment. */
export interface Connections {
  readonly environment: string;
  /** Variable names and URLs; what is no URL of a server is left out of account. */
  readonly variables: Readonly<Record<string, string>>;
}

/** What is tried here is the password, not the certificate. */
const ANY_CERTIFICATE = { mode: "require" } as const;

const enter = (login: Login): Promise<void> => logIn(login, ANY_CERTIFICATE);

/**
 * One environment's logins are good at home and refused by the other's servers, in both directions;
 * the other's own logins are good there, so that a refusal is no outage.
 */
export async function loginIsolation(
  system: string,
  a: Connections,
  b: Connections,
): Promise<SmokeResult[]> {
  const pairs = serversOf(a).flatMap((home) =>
    serversOf(b)
      .filter(({ login, role }) => login.kind === home.login.kind && role === home.role)
      .map((abroad) => [home, abroad] as const),
  );
  const directions = pairs.flatMap(([x, y]) => [
    { from: a.environment, to: b.environment, home: x, abroad: y },
    { from: b.environment, to: a.environment, home: y, abroad: x },
  ]);
  return Promise.all(
    directions.map(({ from, to, home, abroad }) =>
      check(`${system} ${to}: ${abroad.label} refuses the login of ${from}`, async () => {
        await enter(home.login);
        await enter(abroad.login);
        const { user, password } = home.login;
        const said = await refusal({ ...abroad.login, user, password });
        expectThat(
          said !== undefined && isRefusal(home.login.kind, said),
          said ?? "the login was let in",
        );
        return `both log in at home; abroad: ${said}`;
      }),
    ),
  );
}

/** Each server that the connection URLs lead to lets its own user in. */
export const loginChecks = (system: string, connections: Connections): Promise<SmokeResult>[] =>
  serversOf(connections).map(({ label, login }) =>
    check(`${system} ${connections.environment}: ${label} lets its user in`, async () => {
      await enter(login);
      return addressOf(login);
    }),
  );

interface Server {
  /** Which of a system's servers of a kind it is: two environments name the variable alike, or have one. */
  readonly role: string;
  readonly label: string;
  readonly login: Login;
}

/** The servers that the variables lead to, each once. */
function serversOf({ variables }: Connections): Server[] {
  const found = Object.entries(variables).flatMap(([name, value]): Server[] => {
    const login = loginOfUrl(value);
    // InstaInstru calls each tier's database by a name of its own.
    const role = name.replace(/^(TEST|STG|PROD)_/, "");
    return login === undefined ? [] : [{ role, label: `${login.kind} of ${role}`, login }];
  });
  return found.filter(
    ({ login }, index) =>
      found.findIndex((each) => addressOf(each.login) === addressOf(login)) === index,
  );
}

const addressOf = ({ host, port }: Login): string => `${host}:${port}`;

async function refusal(login: Login): Promise<string | undefined> {
  try {
    await enter(login);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
