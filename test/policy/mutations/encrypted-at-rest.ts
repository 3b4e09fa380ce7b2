import { add, resourceOf, stackOf } from "../estate/spec.ts";
import { set } from "./changes.ts";
import type { Corpus, Mutation, NearMiss } from "./mutation.ts";

const cache = (encrypted: boolean) => ({
  key: "cache",
  type: "aws:elasticache/replicationGroup:ReplicationGroup",
  name: "instainstru-cache",
  parent: "instainstru",
  inputs: {
    replicationGroupId: "instainstru-dev",
    description: "cache",
    transitEncryptionEnabled: true,
    atRestEncryptionEnabled: encrypted,
  },
  id: "instainstru-dev",
  provider: "aws",
});

const mutations: readonly Mutation[] = [
  {
    name: "a database without encryption",
    knownAt: "preview resource",
    change(estate) {
      set(estate, "staging", "rds", { storageEncrypted: false });
    },
  },
  {
    name: "a database that says nothing of encryption",
    knownAt: "preview resource",
    change(estate) {
      delete resourceOf(estate, "staging", "rds").inputs.storageEncrypted;
    },
  },
  {
    name: "a cache whose disk is not encrypted",
    subject: "dev",
    knownAt: "preview resource",
    change(estate) {
      add(stackOf(estate, "dev"), cache(false));
    },
  },
  {
    name: "a group of caches that says nothing of encryption",
    knownAt: "preview resource",
    change(estate) {
      delete resourceOf(estate, "staging", "cache group").inputs.atRestEncryptionEnabled;
    },
  },
  {
    name: "a volume without encryption",
    subject: "dev",
    knownAt: "preview resource",
    change(estate) {
      add(stackOf(estate, "dev"), {
        key: "volume",
        type: "aws:ebs/volume:Volume",
        name: "instainstru-volume",
        parent: "instainstru",
        inputs: { availabilityZone: "eu-central-1a", size: 10 },
        id: "vol-0a1b2c3d4e5f60718",
        provider: "aws",
      });
    },
  },
];

const nearMisses: readonly NearMiss[] = [
  {
    name: "a cache with encryption",
    subject: "dev",
    change(estate) {
      add(stackOf(estate, "dev"), cache(true));
    },
  },
  {
    name: "a bucket without settings of encryption",
    change(estate) {
      delete resourceOf(estate, "staging", "exports").inputs.serverSideEncryptionConfiguration;
    },
  },
];

export const encryptedAtRest: Corpus = { mutations, nearMisses };
