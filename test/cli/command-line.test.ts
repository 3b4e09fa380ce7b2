import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";

const BULKHEAD = fileURLToPath(new URL("../../bin/bulkhead.mjs", import.meta.url));

/** Runs the command line with an empty state folder, whose Pulumi is a script that only fails. */
async function bulkhead(args: string[], env: Record<string, string> = {}) {
  const state = temporaryFolder();
  mkdirSync(state, { recursive: true });
  const pulumi = {
    pulumi: "/bin/false",
    languageHost: "/bin/false",
    version: "3.220.0",
    path: ["/bin"],
    origin: "the PATH",
  };
  writeFileSync(join(state, "tools.json"), JSON.stringify({ version: 1, pulumi }));
  const clean = Object.entries(process.env).filter(
    ([name]) => !/^(PULUMI|CLOUDFLARE|BULKHEAD)_/.test(name),
  );
  return execa(process.execPath, [BULKHEAD, ...args], {
    env: {
      ...Object.fromEntries(clean),
      BULKHEAD_STATE: state,
      BULKHEAD_PORT: "0",
      BULKHEAD_S3_PORT: "0",
      ...env,
    },
    extendEnv: false,
    reject: false,
    stdin: "ignore",
  });
}

describe("a command that is not understood", () => {
  it.each([
    [["nonsense"]],
    [["up"]],
    [["outputs", "dev", "--nonsense"]],
    [["--cloud", "moon", "doctor"]],
    [["local", "env", "--shell", "cmd"]],
    [["drift", "--fail-on", "everything"]],
    [["drift", "--json", "--html"]],
    [["drift", "--skip", "nonsense"]],
  ])("%j exits with 64 and does nothing", async (args) => {
    const { exitCode, stderr, stdout } = await bulkhead(args);
    expect(exitCode).toBe(64);
    expect(stderr).toMatch(/^error: /);
    expect(stdout).toBe("");
  });

  it("help is no error", async () => {
    const { exitCode, stdout } = await bulkhead(["--help"]);
    expect(exitCode).toBe(0);
    for (const verb of [
      "start",
      "up",
      "preview",
      "refresh",
      "destroy",
      "outputs",
      "check",
      "wrangler",
      "local",
      "doctor",
    ]) {
      expect(stdout).toContain(`  ${verb} `);
    }
  });
});

describe("an error", () => {
  it("is one line on standard error with exit code 1, and no stack trace", async () => {
    const { exitCode, stderr, stdout } = await bulkhead(["preview", "nope"]);
    expect(exitCode).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(
      /^error: The stack "nope" is not known; there are dev, staging, production\./,
    );
    expect(stderr.split("\n")).toHaveLength(1);
  });

  it("shows its stack trace with --debug", async () => {
    const { stderr } = await bulkhead(["--debug", "preview", "nope"]);
    expect(stderr).toMatch(/\n\s+at .*project\.ts/);
  });

  it("names a missing Pulumi and the command that brings it", async () => {
    const { exitCode, stderr } = await bulkhead(["up", "dev", "--yes"], {
      BULKHEAD_STATE: temporaryFolder(),
    });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /tools\.json does not say where Pulumi is\. Run `node tools\/bootstrap\.mjs`/,
    );
  });

  it("names stacks that were given beside --all", async () => {
    const { exitCode, stderr } = await bulkhead(["drift", "--all", "staging"]);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      "error: --all was given together with staging. Name the stacks, or leave them out.",
    );
  });

  it("names a stack in which nothing can be acknowledged", async () => {
    const whose = ["--owner", "jane", "--reason", "known", "--expires", inAMonth()];
    const { exitCode, stderr } = await bulkhead(
      ["drift", "acknowledge", "0123456789ab", "--stack", "nosuch", ...whose],
      { BULKHEAD_DRIFT_SETTINGS: join(temporaryFolder(), "drift.yaml") },
    );
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error: The stack nosuch is not configured here, and no run has found/);
  });

  it("names a port that is none", async () => {
    const { stderr } = await bulkhead(["local", "up"], { BULKHEAD_PORT: "http" });
    expect(stderr).toBe(
      'error: BULKHEAD_PORT is "http", which is no port. Set it to a number from 1 to 65535, or 0 for any free port.',
    );
  });
});

describe("what changes or deletes things", () => {
  it.each(["up", "destroy", "refresh"])("`%s` without a terminal needs --yes", async (verb) => {
    const { exitCode, stderr } = await bulkhead([verb, "dev"]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /there is no terminal to ask at\. Look with `npx bulkhead preview dev`, then add --yes\.$/,
    );
  });

  it("`local reset` without a terminal needs --yes, and says what it would delete", async () => {
    const { exitCode, stderr } = await bulkhead(["local", "reset"]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /deletes everything in .*local and Pulumi's record of it in .*backend.*Add --yes/,
    );
  });
});

describe("doctor", () => {
  it("says of each thing PASS or FAIL with the remedy, and exits with 1 on any FAIL", async () => {
    const { exitCode, stdout } = await bulkhead(["doctor", "--json"]);
    expect(exitCode).toBe(1);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ version: 1, cloud: "local", healthy: false });
    const byName = Object.fromEntries(
      report.checks.map((check: { name: string }) => [check.name, check]),
    );
    expect(byName["Node.js"].status).toBe("PASS");
    expect(byName.Pulumi).toMatchObject({
      status: "FAIL",
      remedy: expect.stringContaining("tools/bootstrap.mjs"),
    });
    expect(byName["Local cloud"]).toMatchObject({
      status: "FAIL",
      remedy: expect.stringContaining("local up"),
    });
  });

  it("leaves the local cloud out when the commands are for the vendor", async () => {
    const { stdout } = await bulkhead(["--cloud", "vendor", "doctor"]);
    expect(stdout).not.toContain("Local cloud");
    expect(stdout).toContain("Backend");
  });
});

describe("the vendor's cloud in a shell that `local env` has set up", () => {
  it.each([
    ["CLOUDFLARE_BASE_URL", "http://127.0.0.1:7380/client/v4"],
    ["CLOUDFLARE_API_BASE_URL", "http://[::1]:7380/client/v4"],
  ])("is refused because of %s, before anything is read or changed", async (name, value) => {
    const { exitCode, stderr } = await bulkhead(["--cloud", "vendor", "preview", "dev"], {
      [name]: value,
    });
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      `error: The vendor's cloud was asked for (--cloud), but ${name} leads to the local one. Open a new shell, in which \`npx bulkhead local env\` has not been evaluated.`,
    );
  });
});

/** ISO date. */
const inAMonth = (): string => new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
