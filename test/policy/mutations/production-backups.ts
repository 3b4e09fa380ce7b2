import { add, stackOf } from "../estate/spec.ts";
import { uuid } from "../estate/values.ts";
import { declare, set, textOf } from "./changes.ts";
import type { Corpus, Mutation, NearMiss } from "./mutation.ts";

const changed = (
  name: string,
  key: string,
  inputs: Record<string, number | boolean>,
): Mutation => ({
  name,
  subject: "production",
  knownAt: "preview resource",
  change(estate) {
    set(estate, "production", key, inputs);
  },
});

const droplet = (backups: boolean) => (stack: { stack: string }) => ({
  key: "droplet",
  type: "digitalocean:index/droplet:Droplet",
  name: "agentverse-relay",
  parent: "agentverse",
  inputs: {
    name: `agentverse-relay-${stack.stack}`,
    image: "debian-13-x64",
    size: "s-1vcpu-1gb",
    region: "fra1",
    backups,
  },
  answer: { ipv4Address: stack.stack === "production" ? "198.51.100.8" : "198.51.100.9" },
  id: `4711${stack.stack.length}`,
  provider: "digitalocean",
});

const mutations: readonly Mutation[] = [
  changed("backups of production that are kept for a day", "rds", { backupRetentionPeriod: 1 }),
  changed("no backups of production", "rds", { backupRetentionPeriod: 0 }),
  changed("a database of production that the vendor may delete", "rds", {
    deletionProtection: false,
  }),
  changed("a database of production that goes without a last snapshot", "rds", {
    skipFinalSnapshot: true,
  }),
  changed("a database of production in one zone", "rds", { multiAz: false }),
  changed("a cluster of production with one node", "postgres", { nodeCount: 1 }),
  {
    name: "a server of production without backups",
    subject: "production",
    knownAt: "preview resource",
    change(estate) {
      for (const stack of estate.stacks)
        if (stack.stack !== "dev") add(stack, droplet(false)(stack));
    },
  },
  {
    name: "a table of production that cannot go back in time",
    subject: "production",
    knownAt: "preview resource",
    change(estate) {
      declare(estate, ({ stack, tier }) => ({
        key: "table",
        type: "aws:dynamodb/table:Table",
        name: "instainstru-table",
        parent: "instainstru",
        inputs: { name: `instainstru-${stack}`, billingMode: "PAY_PER_REQUEST" },
        answer: { arn: `${textOf(estate, stack, "rds", "arn")}-table` },
        id: `instainstru-${stack}`,
        protect: tier === "production",
        retainOnDelete: tier === "production",
        provider: "aws",
      }));
    },
  },
];

const nearMisses: readonly NearMiss[] = [
  {
    name: "short backups in staging",
    change(estate) {
      set(estate, "staging", "rds", { backupRetentionPeriod: 0 });
    },
  },
  {
    name: "a replica of production without backups of its own",
    subject: "production",
    change(estate) {
      declare(estate, ({ stack, tier }) => ({
        key: "replica",
        type: "aws:rds/instance:Instance",
        name: "instainstru-replica",
        parent: "instainstru",
        inputs: {
          identifier: `instainstru-replica-${stack}`,
          replicateSourceDb: textOf(estate, stack, "rds", "arn"),
          deletionProtection: true,
        },
        answer: { resourceId: `db-REPLICA${uuid(stack, "replica").toUpperCase()}` },
        id: `db-REPLICA${uuid(stack, "replica").toUpperCase()}`,
        protect: tier === "production",
        retainOnDelete: tier === "production",
        provider: "aws",
      }));
    },
  },
  {
    name: "a server of production with backups",
    subject: "production",
    change(estate) {
      for (const stack of estate.stacks)
        if (stack.stack !== "dev") add(stack, droplet(true)(stack));
      stackOf(estate, "production");
    },
  },
];

export const productionBackups: Corpus = { mutations, nearMisses };
