import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BackendError, withoutCredentials } from "../../../policy/siblings/failure.ts";
import { askPulumi } from "../../../policy/siblings/pulumi-command.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** A program that does as a broken Pulumi would; it counts its runs in the file `$RUNS`. */
function brokenPulumi(script: string) {
  const folder = temporaryFolder();
  const pulumi = join(folder, "pulumi");
  const runs = join(folder, "runs");
  writeFileSync(pulumi, `#!/bin/sh\necho run >> '${runs}'\n${script}\n`);
  chmodSync(pulumi, 0o755);
  return {
    program: { pulumi, env: { PATH: "/usr/bin:/bin" } },
    count: () => readFileSync(runs, "utf8").trim().split("\n").length,
  };
}

async function failureOf(script: string, timeoutMs = 10_000) {
  const { program, count } = brokenPulumi(script);
  const error: unknown = await askPulumi(program, ["stack", "ls"], timeoutMs).catch((e) => e);
  expect(error).toBeInstanceOf(BackendError);
  return { message: (error as BackendError).message, attempts: count() };
}

const fail = (stderr: string) => `echo '${stderr}' >&2; exit 255`;

describe("a command that works", () => {
  it("gives what it prints, is told not to ask, and runs in no project's folder", async () => {
    const { program } = brokenPulumi('echo "$@"; pwd; echo noise >&2');
    expect(await askPulumi(program, ["stack", "ls"], 10_000)).toBe(
      "stack ls --non-interactive --color=never --fully-qualify-stack-names\n/",
    );
  });

  it("runs in the folder that is asked for, with the given environment and no other", async () => {
    const { program } = brokenPulumi('pwd; echo "$SECRET_OF_PARENT-$GIVEN"');
    const folder = temporaryFolder();
    process.env.SECRET_OF_PARENT = "leaked";
    const env = { ...program.env, GIVEN: "given" };
    expect(await askPulumi({ ...program, env, folder }, [], 10_000)).toBe(`${folder}\n-given`);
    delete process.env.SECRET_OF_PARENT;
  });
});

describe("a failure", () => {
  it("that passes is not noticed", async () => {
    const { program, count } = brokenPulumi(
      `if [ "$(wc -l < "$(dirname "$0")/runs")" -gt 1 ]; then echo fine; else ${fail("error: 503")}; fi`,
    );
    expect(await askPulumi(program, ["stack", "ls"], 10_000)).toBe("fine");
    expect(count()).toBe(2);
  });

  it("that stays is told in Pulumi's words after a second attempt", async () => {
    expect(await failureOf(fail("warning: x\nerror: disk full\n goroutine 1"))).toEqual({
      message:
        "`pulumi stack ls` failed: disk full. Try the same command in this shell; when it works there, run this again.",
      attempts: 2,
    });
  });

  it("without words is told by its exit code", async () => {
    expect((await failureOf("exit 3")).message).toContain("failed: it ended with exit code 3. Try");
  });

  it.each([
    ["error: PULUMI_ACCESS_TOKEN must be set for login", /^Pulumi is not logged in.* Run `pulumi/],
    ["error: [401] Unauthorized: No credentials", /^The Pulumi backend refused the access token\./],
    ["error: [403] Forbidden", /^The Pulumi backend refused access\. Give the user/],
    ["error: no stack named x found", /^The stack was removed .*\. Run the command again\.$/],
  ])("that another attempt will not end is told at once: %s", async (stderr, message) => {
    const failure = await failureOf(fail(stderr));
    expect(failure.message).toMatch(message);
    expect(failure.attempts).toBe(1);
  });

  it.each(["exec sleep 60", "sleep 60", "trap '' TERM INT; sleep 60; sleep 60"])(
    "of a program that hangs ends it: %s",
    async (script) => {
      const started = performance.now();
      const { message } = await failureOf(script, 300);
      expect(message).toBe(
        "`pulumi stack ls` did not answer within 0.3 s and was ended. Check the connection to the backend, then run the command again.",
      );
      expect(performance.now() - started).toBeLessThan(5000);
    },
  );

  it.each(["/nowhere/pulumi", "no-such-pulumi"])(
    "to find %s says how to get it",
    async (pulumi) => {
      await expect(askPulumi({ pulumi, env: { PATH: "/usr/bin" } }, [], 1000)).rejects.toThrow(
        `Pulumi cannot be started as "${pulumi}" (ENOENT). Install it, or run \`npx bulkhead doctor\`.`,
      );
    },
  );

  it("never shows the credentials of a URL", async () => {
    const urls = "https://me:pa@ss@api.example.com/x?sig=abc s3://bucket?awskey=abc";
    const { message } = await failureOf(fail(`error: cannot open ${urls}`));
    expect(message).toContain("cannot open https://api.example.com/x s3://bucket. Try");
    expect(withoutCredentials("at 10:30 a/b?c user@host")).toBe("at 10:30 a/b?c user@host");
  });
});
