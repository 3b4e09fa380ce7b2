import { Secret } from "../../../isolation/facts.ts";
import { add, type Estate, output, resourceOf, stackOf } from "../estate/spec.ts";
import { declare, ownSecret, secretVariable, textOf } from "./changes.ts";
import { serversSecrets } from "./data-servers.ts";
import type { Corpus, Mutation, NearMiss } from "./mutation.ts";

/** A credential that a third party issued to production. */
const ISSUED = ownSecret("production", "PARTNER_KEY");

const disguise = (name: string, put: (secret: string) => string): Mutation => ({
  name: `a secret of production ${name}`,
  knownAt: "preview resource",
  change(estate) {
    secretVariable(estate, "PARTNER_KEY", { staging: new Secret(put(ISSUED)) });
  },
});

/** A generator in every stack, bound to a Worker of another system in one of them. */
function generatorAtRoot(estate: Estate, workers: readonly string[]): void {
  declare(estate, ({ stack }) => ({
    key: "mail signing",
    type: "random:index/randomPassword:RandomPassword",
    name: "mail-webhook-v1",
    inputs: { length: 64, special: false },
    answer: { result: new Secret(ownSecret(stack, "mail signing")) },
    id: "none",
  }));
  for (const worker of workers)
    secretVariable(
      estate,
      "MAIL_WEBHOOK",
      Object.fromEntries(
        estate.stacks.map(({ stack }) => [stack, output("mail signing", "result")]),
      ),
      worker,
    );
}

const mutations: readonly Mutation[] = [
  ...serversSecrets.mutations,
  disguise("under the same name", (secret) => secret),
  disguise("in base64", (secret) => Buffer.from(secret).toString("base64")),
  disguise("in base64 for URLs", (secret) => Buffer.from(secret).toString("base64url")),
  disguise("in hexadecimal", (secret) => Buffer.from(secret).toString("hex")),
  disguise("in capitals, with a line's end", (secret) => ` ${secret.toUpperCase()}\n`),
  disguise("in percent-encoding", (secret) =>
    [...secret].map((each) => `%${each.charCodeAt(0).toString(16)}`).join(""),
  ),
  disguise("backwards", (secret) => [...secret].reverse().join("")),
  disguise("inside of JSON", (secret) => JSON.stringify({ partner: { key: secret } })),
  disguise("as the password of a URL", (secret) => `https://partner:${secret}@sink.dev/staging`),
  disguise("in a header", (secret) => `Authorization: Bearer ${secret}`),
  disguise("inside of base64 inside of JSON", (secret) =>
    JSON.stringify({ auth: Buffer.from(`staging:${secret}`).toString("base64") }),
  ),
  {
    name: "a secret of production under another name",
    knownAt: "preview resource",
    change(estate) {
      secretVariable(estate, "PARTNER_KEY", {});
      secretVariable(estate, "SINK_CREDENTIAL", { staging: new Secret(ISSUED) });
    },
  },
  {
    name: "a secret of production in the configuration",
    knownAt: "preview stack",
    change(estate) {
      const key = stackOf(estate, "production").config["agentverse:mailApiKey"] as Secret;
      stackOf(estate, "staging").config["agentverse:otherApiKey"] = key;
    },
  },
  {
    name: "the password of production's database",
    knownAt: "preview resource",
    change(estate) {
      const password = textOf(estate, "production", "postgres", "password");
      secretVariable(estate, "LEGACY_PASSWORD", { staging: new Secret(password) });
    },
  },
  {
    name: "a generator that answers what production's has answered",
    knownAt: "update resource",
    change(estate) {
      const value = textOf(estate, "production", "jwt v1", "result");
      resourceOf(estate, "staging", "jwt v1").answer.result = new Secret(value);
    },
  },
  {
    name: "qhub's signing key in a Worker of cutty",
    knownAt: "update resource",
    change(estate) {
      const values = estate.stacks.map(({ stack }) => [stack, output("jwt v1", "result")]);
      secretVariable(estate, "QHUB_TICKETS", Object.fromEntries(values), "files script");
    },
  },
  {
    name: "one generator for Workers of two systems",
    knownAt: "update resource",
    change(estate) {
      generatorAtRoot(estate, ["files script", "api script"]);
    },
  },
  {
    name: "one secret of the configuration in Workers of two systems",
    knownAt: "preview resource",
    change(estate) {
      const key = stackOf(estate, "staging").config["agentverse:mailApiKey"] as Secret;
      secretVariable(estate, "MAIL_API_KEY", { staging: key }, "api script");
    },
  },
  {
    name: "the credential of a provider in a Worker",
    knownAt: "preview stack",
    change(estate) {
      const token = resourceOf(estate, "staging", "cloudflare").inputs.apiToken as Secret;
      secretVariable(estate, "DEPLOY_TOKEN", { staging: token });
    },
  },
];

const nearMisses: readonly NearMiss[] = [
  ...serversSecrets.nearMisses,
  {
    name: "one generator for two Workers of one system",
    change(estate) {
      declare(estate, ({ stack }) => ({
        key: "second worker",
        type: "cloudflare:index/workersScript:WorkersScript",
        name: "agentverse-jobs",
        parent: "agentverse",
        inputs: {
          accountId: textOf(estate, stack, "agentverse script", "accountId"),
          scriptName: `agentverse-jobs-${stack}`,
          content: "export default {};",
          bindings: [
            { name: "SECRET_KEY", type: "secret_text", text: output("secret key", "result") },
          ],
          compatibilityDate: "2026-01-01",
        },
        id: `agentverse-jobs-${stack}`,
        provider: "cloudflare",
      }));
    },
  },
  {
    name: "a generator above the systems for one of them",
    change(estate) {
      generatorAtRoot(estate, ["files script"]);
    },
  },
  {
    name: "a provider that works with the password of the system's own database",
    change(estate) {
      for (const stack of estate.stacks) {
        add(stack, {
          key: "postgresql",
          type: "pulumi:providers:postgresql",
          name: "postgresql",
          inputs: {
            host: output("postgres", "host"),
            username: "doadmin",
            password: output("postgres", "password"),
            sslmode: "require",
          },
          id: `postgresql-${stack.stack}`,
        });
      }
    },
  },
  {
    name: "the same user name, kept as a secret in both stacks",
    change(estate) {
      const user = new Secret("agentverse_app");
      secretVariable(estate, "DB_USER", { staging: user, production: user, dev: user });
    },
  },
  {
    name: "secrets of one issuer that begin alike",
    change(estate) {
      secretVariable(estate, "PARTNER_KEY", {
        staging: new Secret(`partner_${ownSecret("staging", "partner")}`),
        production: new Secret(`partner_${ownSecret("production", "partner")}`),
      });
    },
  },
];

export const noSharedSecret: Corpus = { mutations, nearMisses };
