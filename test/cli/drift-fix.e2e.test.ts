import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changeWorker, openVendors } from "../drift/corpus/vendors.ts";
import {
  type CommandResult,
  openTestEstate,
  stateResources,
  type TestEstate,
} from "../support/estate.ts";

/*
 * A real Pulumi ends what was really changed at the local cloud. Findings are looked for once; each test
 * ends some of them, and the command itself looks again.
 */

interface Found {
  readonly id: string;
  readonly kind: string;
  readonly message: string;
  readonly subject: { readonly type: string; readonly name: string; readonly id: string | null };
}

let estate: TestEstate;
let found: readonly Found[];

const drift = (...args: string[]): Promise<CommandResult> => estate.bulkhead("drift", ...args);

async function scan(stack: string): Promise<readonly Found[]> {
  const { stdout, output } = await drift(stack, "--json");
  const report = JSON.parse(stdout);
  expect(report.summary.incomplete, output).toBe(0);
  return report.stacks[0].findings;
}

const isAbout = (type: string, name: string) => (each: Found) =>
  each.subject.type.endsWith(type) && each.subject.name === name;

function idOf(type: string, name: string): string {
  const finding = found.find(isAbout(type, name));
  if (finding === undefined)
    throw new Error(`No ${type} ${name} among ${JSON.stringify(found, null, 2)}`);
  return finding.id;
}

/** Runs the command line at a terminal, where a person types these lines. */
async function atTerminal(line: string, ...typed: string[]): Promise<CommandResult> {
  const done = estate.startGroup(
    `(sleep 1; ${typed.map((each) => `printf '%s\\n' '${each}'`).join("; sleep 1; ")}; sleep 1) | script -qec "$BULKHEAD ${line}" /dev/null`,
  );
  return done.done;
}

const buckets = async (stack: string): Promise<(string | undefined)[]> => {
  const { client, account_id } = await estate.client(stack);
  const listed = await client.r2.buckets.list({ account_id });
  return (listed.buckets ?? []).map(({ name }) => name);
};

const databases = async (): Promise<(string | undefined)[]> => {
  const { client, account_id } = await estate.client("staging");
  const names: (string | undefined)[] = [];
  for await (const { name } of client.d1.database.list({ account_id })) names.push(name);
  return names;
};

beforeAll(async () => {
  estate = openTestEstate();
  for (const stack of ["staging", "production"]) {
    const up = await estate.bulkhead("up", stack, "--yes");
    expect(up.exitCode, up.output).toBe(0);
  }
  const { client, account_id } = await estate.client("staging");
  const { scripts } = client.workers;
  await changeWorker(await openVendors(estate, "staging"), "cutty-files", {
    bindings: { DEBUG: { type: "plain_text", text: "1" } },
  });
  await scripts.secrets.update("qhub-api-staging", {
    account_id,
    name: "JWT_SECRET",
    text: "put-by-hand-0123456789-0123456789",
    type: "secret_text",
  });
  await client.d1.database.create({ account_id, name: "by-hand" });
  for (const name of ["with-objects", "to-import"])
    await client.r2.buckets.create({ account_id, name });
  const { apiUrl } = await estate.cloud();
  const put = await fetch(
    `${apiUrl}/client/v4/accounts/${account_id}/r2/buckets/with-objects/objects/a.txt`,
    { method: "PUT", headers: { authorization: `Bearer ${client.apiToken}` }, body: "kept" },
  );
  expect(put.status, await put.text()).toBe(200);
  found = await scan("staging");
});
afterAll(() => estate.close());

describe("refuses at once, before anything is looked at", () => {
  const id = "0123456789ab";
  it.each<[string[], number, RegExp]>([
    [["staging", id], 1, /changes things and there is no terminal to ask at\. Add --yes/],
    [["production", id, "--yes", "staging"], 1, /--yes names staging, and this changes production/],
    [["staging", "--yes", "staging"], 1, /There is no finding named/],
    [["staging", "later", "--yes", "staging"], 1, /"later" is no id of a finding/],
    [["staging", id, "--all-findings", "--yes", "staging"], 1, /given together with findings/],
    [["staging", id, "--with-data", "--yes", "staging"], 1, /--with-data deletes what nobody/],
    [
      ["staging", id, "--action", "hide"],
      64,
      /Allowed choices are restore, accept, import, delete/,
    ],
  ])("%j", async (args, exitCode, message) => {
    const result = await drift("fix", ...args);
    expect(result.stderr).toMatch(message);
    expect(result.exitCode).toBe(exitCode);
    expect(result.stderr).not.toMatch(/comparing/);
  });
});

it("says of an id that is not there that it was fixed or has changed", async () => {
  const { exitCode, stderr } = await drift("fix", "staging", "0123456789ab", "--yes", "staging");
  expect(stderr).toMatch(/There is no finding 0123456789ab now: it was fixed, or .* changed again/);
  expect(exitCode).toBe(1);
});

it("restores a binding, and a secret that was set in place where no refresh sees it", async () => {
  const binding = idOf(":WorkersScript", "cutty-files");
  const secret = idOf(":WorkersScript", "qhub-api");
  const { exitCode, output } = await drift("fix", "staging", binding, secret, "--yes", "staging");
  expect(output).toContain(`${binding}: gone`);
  expect(output).toContain(`${secret}: gone`);
  expect(exitCode, output).toBe(0);
  const { client, account_id } = await estate.client("staging");
  const { scripts } = client.workers;
  const settings = await scripts.scriptAndVersionSettings.get("cutty-files-staging", {
    account_id,
  });
  expect(settings.bindings).not.toContainEqual(expect.objectContaining({ name: "DEBUG" }));
  // The script has never been away, and the newest version is Pulumi's own upload.
  const { items = [] } = await scripts.versions
    .list("qhub-api-staging", { account_id })
    .then((page) => page.result);
  expect(items).toHaveLength(3);
});

it("deletes an unmanaged database, and keeps a bucket that holds objects", async () => {
  const database = idOf(":D1Database", "by-hand");
  const bucket = idOf(":R2Bucket", "with-objects");
  const { exitCode, output } = await drift(
    ...["fix", "staging", database, bucket, "--action", "delete", "--yes", "staging"],
  );
  expect(output).toContain(`${database}: gone`);
  expect(output).toContain(`${bucket}: still there`);
  expect(output).toMatch(/with-objects holds objects, which nobody could bring back/);
  expect(exitCode).toBe(2);
  expect(await databases()).not.toContain("by-hand");
  expect(await buckets("staging")).toContain("with-objects");
});

it("is killed in the middle of a restore, and a second run ends the drift", async () => {
  const { client, account_id } = await estate.client("staging");
  await client.r2.buckets.delete("cutty-files-staging", { account_id });
  found = await scan("staging");
  const id = idOf(":R2Bucket", "cutty-files");
  const args = ["drift", "fix", "staging", id, "--yes", "staging"];
  const killed = estate.startGroup(
    `exec $BULKHEAD ${args.join(" ")} 2>"${estate.stateDir}/killed.log"`,
  );
  await expect
    .poll(() => readFileSync(`${estate.stateDir}/killed.log`, "utf8"), { timeout: 120_000 })
    .toMatch(/deploying 1 resources/);
  await expect
    .poll(
      () => readdirSync(`${estate.stateDir}/pulumi/backend/.pulumi/locks`, { recursive: true }),
      { timeout: 60_000 },
    )
    .toContainEqual(expect.stringMatching(/staging\/.+\.json$/));
  process.kill(-killed.pid, "SIGKILL");
  await killed.done;

  const second = await estate.bulkhead(...args);
  if (second.exitCode === 0) expect(second.output).toContain(`${id}: gone`);
  else {
    // Pulumi had recorded already that it is gone; or has even made it.
    expect(second.output).toMatch(/There is no finding/);
    const left = (await scan("staging")).find(isAbout(":R2Bucket", "cutty-files"));
    if (left !== undefined) {
      expect(left.kind).toBe("undeployed");
      const third = await drift("fix", "staging", left.id, "--yes", "staging");
      expect(third.exitCode, third.output).toBe(0);
    }
  }
  expect(await buckets("staging")).toContain("cutty-files-staging");
});

it("accepts a property: the state has it, and what is left names the code", async () => {
  const { client, account_id } = await estate.client("staging");
  await client.r2.buckets.edit("cutty-files-staging", {
    account_id,
    storage_class: "InfrequentAccess",
  });
  found = await scan("staging");
  const id = idOf(":R2Bucket", "cutty-files");
  const { exitCode, output } = await drift(
    ...["fix", "staging", id, "--action", "accept", "--yes", "staging"],
  );
  expect(exitCode, output).toBe(0);
  expect(output).toMatch(/systems\/cutty\.ts:23:/);
  expect(output).toMatch(/storageClass: "InfrequentAccess",/);
});

it("imports an unmanaged bucket, and says that the program has to declare it", async () => {
  const bucket = idOf(":R2Bucket", "to-import");
  const { exitCode, output } = await drift(
    ...["fix", "staging", bucket, "--action", "import", "--yes", "staging"],
  );
  expect(exitCode, output).toBe(0);
  expect(output).toContain("systems/cutty.ts");
  expect(output).toMatch(/The program does not declare to-import, which is protected/);
  expect(stateResources(estate, "staging")).toContainEqual(
    expect.objectContaining({ id: "to-import", protect: true }),
  );
});

it.skipIf(process.platform !== "linux")(
  "deletes a bucket with its objects only when its name is typed",
  async () => {
    const command = `drift fix staging ${idOf(":R2Bucket", "with-objects")} --action delete --with-data --yes staging`;
    const declined = await atTerminal(command, "y");
    expect(declined.output).toMatch(/Type its name \(with-objects\)/);
    expect(declined.output).toMatch(/Nothing was changed/);
    expect(await buckets("staging")).toContain("with-objects");
    const deleted = await atTerminal(command, "with-objects");
    expect(deleted.output).toMatch(/: gone|gone/);
    expect(await buckets("staging")).not.toContain("with-objects");
  },
);

describe("at production", () => {
  it.skipIf(process.platform !== "linux")(
    "does nothing when another name than the stack's is typed, and restores when it is",
    async () => {
      const { client, account_id } = await estate.client("production");
      const subdomain = (enabled: boolean) =>
        client.workers.scripts.subdomain.create("qhub-api-production", {
          account_id,
          enabled,
          previews_enabled: true,
        });
      await subdomain(true);
      found = await scan("production");
      const id = idOf(":WorkersScriptSubdomain", "qhub-api");
      const state = () =>
        client.workers.scripts.subdomain.get("qhub-api-production", { account_id });

      const other = await drift("fix", id, "--yes", "staging");
      expect(other.output).toMatch(/--yes names staging, and this changes production/);
      expect(other.exitCode).toBe(1);

      const declined = await atTerminal(`drift fix production ${id}`, "staging");
      expect(declined.output).toMatch(/Type the stack's name \(production\)/);
      expect(declined.output).toMatch(/Nothing was changed/);
      expect(await state()).toMatchObject({ previews_enabled: true });

      const restored = await atTerminal(`drift fix production ${id}`, "production");
      expect(restored.output).toContain(`${id}: `);
      expect(await state()).toMatchObject({ previews_enabled: false });
    },
  );
});
