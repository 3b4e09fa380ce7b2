import { add, stackOf, type Value, type Values } from "../estate/spec.ts";
import { hexId } from "../estate/values.ts";
import { declare, late, set, setEverywhere, textOf } from "./changes.ts";
import type { Corpus, Mutation, NearMiss } from "./mutation.ts";

const EVERYBODY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "*" }],
});

const account = (stack: string): string => hexId("bulkhead", stack, "account");

const managed = (enabled: boolean) => ({
  key: "managed domain",
  type: "cloudflare:index/r2ManagedDomain:R2ManagedDomain",
  name: "cutty-files",
  parent: "cutty",
  inputs: { accountId: account("dev"), bucketName: "cutty-files-dev", enabled },
  id: "cutty-files-dev",
  provider: "cloudflare",
});

const cors =
  (origins: readonly Value[], methods: readonly string[]) => (stack: { stack: string }) => ({
    key: "cors",
    type: "cloudflare:index/r2BucketCors:R2BucketCors",
    name: "cutty-files",
    parent: "cutty",
    inputs: {
      accountId: account(stack.stack),
      bucketName: `cutty-files-${stack.stack}`,
      rules: [{ allowed: { origins: [...origins], methods: [...methods] } }],
    },
    id: `cutty-files-${stack.stack}`,
    provider: "cloudflare",
  });

const policy = (document: string) => ({
  key: "policy",
  type: "aws:s3/bucketPolicy:BucketPolicy",
  name: "instainstru-exports",
  parent: "instainstru",
  inputs: { bucket: "instainstru-exports-dev", policy: document },
  id: "instainstru-exports-dev",
  provider: "aws",
});

const statement = (values: Values): string =>
  JSON.stringify({ Statement: { Effect: "Allow", Action: "s3:*", Resource: "*", ...values } });

const mutations: readonly Mutation[] = [
  {
    name: "a bucket of R2 under r2.dev",
    subject: "dev",
    knownAt: "preview resource",
    change(estate) {
      add(stackOf(estate, "dev"), managed(true));
    },
  },
  {
    name: "a bucket of R2 under a domain",
    subject: "dev",
    knownAt: "preview resource",
    change(estate) {
      add(stackOf(estate, "dev"), {
        ...managed(true),
        type: "cloudflare:index/r2CustomDomain:R2CustomDomain",
        inputs: {
          accountId: account("dev"),
          bucketName: "cutty-files-dev",
          domain: "files.dev.cutty.dev",
          enabled: true,
          zoneId: hexId("cutty zone dev"),
          minTls: "1.2",
        },
      });
    },
  },
  {
    name: "a bucket of Spaces that everybody may read",
    knownAt: "preview resource",
    change(estate) {
      set(estate, "staging", "reps", { acl: "public-read" });
    },
  },
  {
    name: "a block of public access that is not complete",
    knownAt: "preview resource",
    change(estate) {
      set(estate, "staging", "exports block", { restrictPublicBuckets: false });
    },
  },
  {
    name: "a policy that allows everybody",
    subject: "dev",
    knownAt: "preview resource",
    change(estate) {
      add(stackOf(estate, "dev"), policy(EVERYBODY));
    },
  },
  {
    name: "a policy that allows every principal of AWS",
    subject: "dev",
    knownAt: "preview resource",
    change(estate) {
      add(stackOf(estate, "dev"), policy(statement({ Principal: { AWS: ["*"] } })));
    },
  },
  {
    name: "a policy that turns out to allow everybody",
    subject: "dev",
    knownAt: "update resource",
    change(estate) {
      const document = late(estate, () => EVERYBODY);
      add(stackOf(estate, "dev"), { ...policy(""), inputs: { bucket: "x", policy: document } });
    },
  },
  {
    name: "an access control list that turns out to be public",
    knownAt: "update resource",
    change(estate) {
      const acl = late(estate, (stack) => (stack === "staging" ? "public-read" : "private"));
      setEverywhere(estate, "reps", { acl });
    },
  },
  {
    name: "pages of a website that turns out to be every one",
    subject: "production",
    knownAt: "update resource",
    change(estate) {
      const origin = late(estate, () => "*");
      declare(estate, cors([origin], ["PUT"]));
    },
  },
  {
    name: "pages of every website that may write to production's bucket",
    subject: "production",
    knownAt: "preview resource",
    change(estate) {
      declare(estate, cors(["*"], ["GET", "PUT"]));
    },
  },
];

const nearMisses: readonly NearMiss[] = [
  {
    name: "a bucket of R2 whose public domain is off",
    subject: "dev",
    change(estate) {
      add(stackOf(estate, "dev"), managed(false));
    },
  },
  {
    name: "a policy that allows one role",
    subject: "dev",
    change(estate) {
      const role = "arn:aws:iam::210987654321:role/exports";
      add(stackOf(estate, "dev"), policy(statement({ Principal: { AWS: role } })));
    },
  },
  {
    name: "a policy that refuses everybody who does not use TLS",
    subject: "dev",
    change(estate) {
      const denied = {
        Effect: "Deny",
        Principal: "*",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      };
      add(stackOf(estate, "dev"), policy(statement(denied)));
    },
  },
  {
    name: "a policy that allows everybody under a condition",
    subject: "dev",
    change(estate) {
      const guarded = {
        Principal: "*",
        Condition: { StringEquals: { "aws:SourceVpce": "vpce-1" } },
      };
      add(stackOf(estate, "dev"), policy(statement(guarded)));
    },
  },
  {
    name: "pages of every website that may read production's bucket",
    subject: "production",
    change(estate) {
      declare(estate, cors(["*"], ["GET", "HEAD"]));
    },
  },
  {
    name: "pages of one website that may write to production's bucket",
    subject: "production",
    change(estate) {
      declare(estate, ({ stack }) => cors([`https://${stack}.cutty.dev`], ["PUT"])({ stack }));
    },
  },
  {
    name: "a bucket whose privacy is written out",
    change(estate) {
      setEverywhere(estate, "reps", { acl: "private" });
      textOf(estate, "staging", "reps", "acl");
    },
  },
];

export const privateBucket: Corpus = { mutations, nearMisses };
