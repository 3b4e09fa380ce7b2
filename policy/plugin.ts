/** The policy pack as a process of the Pulumi engine. */
import { join } from "node:path";
import { createFingerprinter } from "../isolation/secrets/index.ts";
import { cacheFolder } from "../providers/sdk/run-bundled.ts";
import { servePack } from "./engine/server.ts";
import { PolicySession } from "./engine/session.ts";
import pack from "./package.json" with { type: "json" };
import { readSettings } from "./settings.ts";
import { openBackend } from "./siblings/index.ts";

// Pulumi starts a pack in the pack's folder.
const settings = readSettings(process.env.BULKHEAD_POLICY_SETTINGS || "settings.yaml");
const fingerprinter = createFingerprinter(settings.salt);

await servePack(pack, (run) => {
  const backend = openBackend({
    // Pulumi leaves the folder that it was started in here: a backend may be named in Pulumi.yaml there.
    ...(process.env.PWD ? { folder: process.env.PWD } : {}),
    subject: run,
    projects: settings.projects,
    salt: settings.salt,
    fingerprinter,
    cache: join(cacheFolder(process.env), "siblings"),
  });
  const today = new Date().toISOString().slice(0, 10);
  return new PolicySession({ run, settings, fingerprinter, backend, today });
});
