import type { Rule } from "../rule.ts";
import { completeManifest } from "./complete-manifest.ts";
import { encryptedAtRest } from "./encrypted-at-rest.ts";
import { environmentInName } from "./environment-in-name.ts";
import { environmentParity } from "./environment-parity.ts";
import { exclusiveOwnership } from "./exclusive-ownership.ts";
import { generatedSecret } from "./generated-secret.ts";
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

/** Every rule of the pack, in the order of reports: what ties stacks together comes first. */
export const rules: readonly Rule[] = [
  readableSiblings,
  completeManifest,
  exclusiveOwnership,
  noForeignReference,
  separateCredentials,
  noSharedSecret,
  noPlaintextSecret,
  noSharedDependency,
  separateAccounts,
  generatedSecret,
  strongSecret,
  tlsRequired,
  noPublicDatabase,
  privateBucket,
  encryptedAtRest,
  productionProtected,
  productionBackups,
  versionedBucket,
  environmentInName,
  environmentParity,
  validWaivers,
];
