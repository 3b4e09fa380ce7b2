import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { expect, test, vi } from "vitest";
import { localConfig, withConfig } from "../../cli/engine/config-file.ts";
import {
  changeCount,
  describeChanges,
  describeUrn,
  diagnosticOf,
  parseEvent,
  progressLine,
  stackOutputsOf,
} from "../../cli/engine/events.ts";
import { requirePlainFlags } from "../../cli/engine/flags.ts";
import { clearDeadLocks, removeUnfinishedLocks } from "../../cli/engine/lock.ts";
import { releaseStack } from "../../cli/engine/operation.ts";
import { stacksInFolder } from "../../policy/siblings/file-backend.ts";
import { lockFolder, parseLock, processRuns, readLocks } from "../../policy/siblings/locks.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const lock = (overrides: object = {}, file = "/nowhere/a.json") => ({
  file,
  pid: 4711,
  username: "ada",
  hostname: "here",
  timestamp: "2026-11-21T07:46:35Z",
  ...overrides,
});

test("a stack's locks are read from a file backend, and nothing else in the folder", () => {
  const backend = temporaryFolder();
  const folder = join(backend, ".pulumi", "locks", "organization", "bulkhead", "dev");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "a.json");
  writeFileSync(file, JSON.stringify(lock()));
  writeFileSync(join(folder, "a.json.attrs"), "{}");
  writeFileSync(join(folder, "half.json"), '{"pid":');
  expect(lockFolder(`file://${backend}?no_tmp_dir=true`, "bulkhead", "dev")).toBe(folder);
  expect(readLocks(folder)).toEqual([lock({}, file)]);
  expect(readLocks(join(backend, "nowhere"))).toEqual([]);
  expect(lockFolder("s3://bucket", "bulkhead", "dev")).toBeUndefined();
  expect(lockFolder(undefined, "bulkhead", "dev")).toBeUndefined();
});

test("a lock that was never finished is removed, with a message, and a finished one stays", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "whole.json"), JSON.stringify(lock()));
  for (const file of ["half.json", "half.json.18ea033b.tmp"]) {
    writeFileSync(join(folder, file), '{"pid":');
    utimesSync(join(folder, file), 0, 0);
  }
  const messages: string[] = [];
  await removeUnfinishedLocks(folder, (line) => messages.push(line));
  expect(readdirSync(folder)).toEqual(["whole.json"]);
  expect(messages).toHaveLength(2);
});

test("a lock that is finished while it is looked at stays", async () => {
  const file = join(temporaryFolder(), "young.json");
  writeFileSync(file, '{"pid":');
  setTimeout(() => writeFileSync(file, JSON.stringify(lock())), 100);
  await removeUnfinishedLocks(dirname(file), () => undefined);
  expect(readLocks(dirname(file))).toEqual([lock({}, file)]);
});

test("the lock of a process of this host that has ended is removed, with a message, and no other file", () => {
  const folder = temporaryFolder();
  const dead = join(folder, "dead.json");
  for (const name of ["dead.json", "dead.json.attrs", "new.json"])
    writeFileSync(join(folder, name), "");
  const report = vi.fn();
  clearDeadLocks("dev", [lock({}, dead)], report, "here", () => false);
  expect(report).toHaveBeenCalledExactlyOnceWith(
    expect.stringMatching(/dev: removing the lock of process 4711/),
  );
  expect(readdirSync(folder)).toEqual(["new.json"]);
});

test("a lock that another command writes while a dead one is being removed stays", async () => {
  const root = temporaryFolder();
  writeFileSync(join(root, "Pulumi.yaml"), "name: bulkhead\nruntime: nodejs\n");
  const url = `file://${root}`;
  const folder = lockFolder(url, "bulkhead", "dev") ?? "";
  mkdirSync(folder, { recursive: true });
  const dead = { ...lock(), pid: 2 ** 22 + 1, hostname: hostname() };
  writeFileSync(join(folder, "dead.json"), JSON.stringify(dead));
  const engine = { pulumi: "", root, config: "copied", env: { PULUMI_BACKEND_URL: url } } as const;
  await releaseStack(engine, "dev", () =>
    writeFileSync(join(folder, "living.json"), JSON.stringify(lock())),
  );
  expect(readdirSync(folder)).toEqual(["living.json"]);
});

test("the lock of a living process is one clear error, and so is one of another host", () => {
  const remove = vi.fn();
  expect(() => clearDeadLocks("dev", [lock()], remove, "here", () => true)).toThrow(
    "The stack dev is being changed by process 4711 of ada@here since 2026-11-21T07:46:35Z. Wait for it to end; if you are sure that it has, run `pulumi cancel -s dev`.",
  );
  const elsewhere = [lock({ hostname: "there" })];
  expect(() => clearDeadLocks("dev", elsewhere, remove, "here", () => false)).toThrow(/ada@there/);
  expect(remove).not.toHaveBeenCalled();
});

test("one living lock among dead ones is enough to leave all alone", () => {
  const remove = vi.fn();
  const locks = [lock({}, "/nowhere/a.json"), lock({ pid: 1 }, "/nowhere/b.json")];
  expect(() => clearDeadLocks("dev", locks, remove, "here", (pid) => pid === 1)).toThrow(
    /process 1 /,
  );
  expect(remove).not.toHaveBeenCalled();
});

test("text that is no lock is none", () => {
  for (const text of ["", "{}", "[]", '{"pid":"x"}']) expect(parseLock(text)).toBeUndefined();
});

test("this process runs, and one that cannot exist does not", () => {
  expect(processRuns(process.pid)).toBe(true);
  expect(processRuns(2 ** 22 + 1)).toBe(false);
});

test("Pulumi gets a private copy of the config, which goes away, and the original stays as it is", async () => {
  const root = temporaryFolder();
  const original = "config:\n  bulkhead:tier: staging\n";
  writeFileSync(join(root, "Pulumi.staging.yaml"), original);
  const copy = await withConfig(
    { root, config: "copied" },
    "staging",
    async ([flag, file = ""]) => {
      expect(flag).toBe("--config-file");
      expect(readFileSync(file, "utf8")).toBe(original);
      writeFileSync(file, `${original}encryptionsalt: v1:x\n`);
      return file;
    },
  );
  expect(existsSync(copy)).toBe(false);
  expect(readFileSync(join(root, "Pulumi.staging.yaml"), "utf8")).toBe(original);
});

test("the vendor's stack keeps its salt in the committed config, of which there is no copy", async () => {
  expect(
    await withConfig({ root: "/p", config: "committed" }, "dev", async (flags) => flags),
  ).toEqual([]);
});

test("the vendor's account, token and encryption stay out of the local cloud's config", () => {
  const vendor = `# A comment.
config:
  bulkhead:tier: staging
  bulkhead:cloudflareAccountId: ${"0".repeat(32)}
  cloudflare:apiToken:
    secure: v1:xyz
encryptionsalt: v1:abc
secretsprovider: awskms://alias/x
encryptedkey: abc
`;
  expect(localConfig(vendor, "f")).toBe("# A comment.\nconfig:\n  bulkhead:tier: staging\n");
});

test("another encrypted value is one clear error, also deep in a list", () => {
  for (const value of ["{ secure: v1:x }", "[{ deep: { secure: v1:x } }]"]) {
    expect(() => localConfig(`config:\n  bulkhead:key: ${value}\n`, "Pulumi.dev.yaml")).toThrow(
      /^bulkhead:key in Pulumi\.dev\.yaml is encrypted for the vendor's stack.* Let the program generate/,
    );
  }
  expect(localConfig("", "f")).toBe("");
});

test.each(["config: [\n", "config:\n  a: *nowhere\n", "config:\n  a: 1\n  a: 2\n"])(
  "a config that is no YAML is one clear error",
  (text) => {
    expect(() => localConfig(text, "Pulumi.dev.yaml")).toThrow(
      /^Pulumi\.dev\.yaml cannot be read as a stack's config\. Correct its YAML/,
    );
  },
);

test("changes are Pulumi's own counts, and only `same`, `read` and `refresh` change nothing", () => {
  expect(changeCount({ same: 3, create: 2, replace: 1 })).toBe(3);
  expect(describeChanges({ same: 22 })).toBe("nothing changed (22 resources)");
  expect(describeChanges({ update: 1, create: 2, same: 3 })).toBe("2 create, 3 same, 1 update");
});

const URN =
  "urn:pulumi:dev::bulkhead::bulkhead:index:Scope$cloudflare:index/d1Database:D1Database::qhub";

test("a line of progress names what changed, and nothing that stayed as it was", () => {
  const event = (op: string) =>
    parseEvent(
      JSON.stringify({ resOutputsEvent: { metadata: { op, urn: URN, type: "t", new: null } } }),
    );
  expect(progressLine(event("create") ?? {})).toBe("create D1Database qhub");
  expect(progressLine(event("same") ?? {})).toBeUndefined();
  expect(describeUrn(URN)).toBe("D1Database qhub");
});

test("errors and warnings are shown, debug notes are not", () => {
  const note = (severity: string) => ({ diagnosticEvent: { message: "x\n", severity } });
  expect(progressLine(note("error"))).toBe("error: x");
  expect(progressLine(note("debug"))).toBeUndefined();
});

/** As the engine writes one; source: pulumi/pulumi sdk/go/common/apitype/events.go (`PolicyEvent`). */
const violation = (fields: object = {}) =>
  parseEvent(
    JSON.stringify({
      sequence: 7,
      timestamp: 1795249329,
      policyEvent: {
        resourceUrn: URN,
        message: "The database is also shop/production's.\n",
        color: "never",
        policyName: "no-shared-resource",
        policyPackName: "bulkhead-isolation",
        policyPackVersion: "0.1.0",
        policyPackVersionTag: "0.1.0",
        enforcementLevel: "mandatory",
        ...fields,
      },
    }),
  ) ?? {};

test("a broken mandatory policy is an error, shown as it happens, with its policy and resource", () => {
  expect(diagnosticOf(violation())).toEqual({
    severity: "error",
    message: "no-shared-resource: The database is also shop/production's.",
    policy: "no-shared-resource",
    urn: URN,
  });
  expect(progressLine(violation())).toBe(
    "error: no-shared-resource: The database is also shop/production's.",
  );
});

test("a broken advisory policy is a warning; one of the whole stack names no resource", () => {
  const event = violation({ enforcementLevel: "advisory", resourceUrn: "" });
  expect(diagnosticOf(event)).toEqual({
    severity: "warning",
    message: "no-shared-resource: The database is also shop/production's.",
    policy: "no-shared-resource",
  });
});

test("an error's resource is kept, and what is neither error nor warning is no diagnostic", () => {
  const note = (severity: string) => ({ diagnosticEvent: { urn: URN, message: "x\n", severity } });
  expect(diagnosticOf(note("error"))).toEqual({ severity: "error", message: "x", urn: URN });
  expect(diagnosticOf(note("info"))).toBeUndefined();
  expect(diagnosticOf({})).toBeUndefined();
});

test("the stack's outputs are read from its event with secrets hidden, nested ones too", () => {
  const secret = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    ciphertext: "c",
  };
  const outputs = { name: "x", list: [secret], deep: { key: secret } };
  const metadata = { op: "same", urn: "u", type: "pulumi:pulumi:Stack", new: { outputs } };
  const event = parseEvent(JSON.stringify({ resOutputsEvent: { metadata } }));
  expect(event && stackOutputsOf(event)).toEqual({
    name: "x",
    list: ["[secret]"],
    deep: { key: "[secret]" },
  });
});

test("lines that are no events are passed over", () => {
  for (const line of ["", "warning: x", "{", '{"summaryEvent":{"durationSeconds":"soon"}}']) {
    expect(parseEvent(line)).toBeUndefined();
  }
});

test.each<[string[], RegExp]>([
  [
    ["-c", "-ca=b", "-yc", "--config", "--config=a=b", "--config-file", "--config-file=x"],
    /which config .* Edit Pulumi\.dev\.yaml, or use `pulumi config set -s dev/,
  ],
  [
    ["-s", "-sproduction", "-ysproduction", "--stack", "--stack=production"],
    /another stack than the one that it names\. Name that stack in place of dev\.$/,
  ],
  [["-C", "-C/x", "-fyC", "--cwd", "--cwd=/x"], /another project's program\./],
])(
  "flags that this program sets itself are refused with the way to do it: %j",
  (flags, message) => {
    for (const flag of flags) {
      expect(() => requirePlainFlags(["--diff", flag, "x"], "dev")).toThrow(message);
    }
  },
);

test("Pulumi's other flags pass, also those that begin alike", () => {
  const flags = [
    "--diff",
    "-d",
    "-ry",
    "--target",
    "x",
    "-turn:a::cs",
    "--continue-on-error",
    "--show-secrets",
    "--suppress-outputs",
  ];
  expect(() => requirePlainFlags(flags, "dev")).not.toThrow();
});

test("the stacks of a backend's folder are found, backups and attributes aside", async () => {
  const backend = temporaryFolder();
  const folder = join(backend, ".pulumi", "stacks", "bulkhead");
  mkdirSync(folder, { recursive: true });
  for (const file of ["dev.json", "dev.json.bak", "dev.json.attrs", "pr-1.json.gz"])
    writeFileSync(join(folder, file), "");
  expect((await stacksInFolder(backend, "bulkhead")).sort()).toEqual(["dev", "pr-1"]);
  expect(await stacksInFolder(backend, "other")).toEqual([]);
});
