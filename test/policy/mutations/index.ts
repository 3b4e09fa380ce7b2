import { completeManifest } from "./complete-manifest.ts";
import { encryptedAtRest } from "./encrypted-at-rest.ts";
import { environmentInName } from "./environment-in-name.ts";
import { environmentParity } from "./environment-parity.ts";
import { exclusiveOwnership } from "./exclusive-ownership.ts";
import { generatedSecret } from "./generated-secret.ts";
import type { Corpus } from "./mutation.ts";
import { noForeignReference } from "./no-foreign-reference.ts";
import { noPlaintextSecret } from "./no-plaintext-secret.ts";
import { noPublicDatabase } from "./no-public-database.ts";
import { noSharedDependency } from "./no-shared-dependency.ts";
import { noSharedSecret } from "./no-shared-secret.ts";
import { privateBucket } from "./private-bucket.ts";
import { productionBackups } from "./production-backups.ts";
import { productionProtected } from "./production-protected.ts";
import { readableSiblings } from "./readable-siblings.ts";
import { separateAccounts } from "./separate-accounts.ts";
import { separateCredentials } from "./separate-credentials.ts";
import { strongSecret } from "./strong-secret.ts";
import { tlsRequired } from "./tls-required.ts";
import { validWaivers } from "./valid-waivers.ts";
import { versionedBucket } from "./versioned-bucket.ts";

/** The corpus by rule. */
export const corpora: Readonly<Record<string, Corpus>> = {
  "complete-manifest": completeManifest,
  "encrypted-at-rest": encryptedAtRest,
  "environment-in-name": environmentInName,
  "environment-parity": environmentParity,
  "exclusive-ownership": exclusiveOwnership,
  "generated-secret": generatedSecret,
  "no-foreign-reference": noForeignReference,
  "no-plaintext-secret": noPlaintextSecret,
  "no-public-database": noPublicDatabase,
  "no-shared-dependency": noSharedDependency,
  "no-shared-secret": noSharedSecret,
  "private-bucket": privateBucket,
  "production-backups": productionBackups,
  "production-protected": productionProtected,
  "readable-siblings": readableSiblings,
  "separate-accounts": separateAccounts,
  "separate-credentials": separateCredentials,
  "strong-secret": strongSecret,
  "tls-required": tlsRequired,
  "valid-waivers": validWaivers,
  "versioned-bucket": versionedBucket,
};
