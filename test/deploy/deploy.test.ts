import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Options, ValidateFunction } from "ajv";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { driftSchedule, programResource, pulumiYamlProgram, stackResource } from "./shapes.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DEPLOY = join(ROOT, "deploy");

const text = (...path: string[]): string => readFileSync(join(DEPLOY, ...path), "utf8");
const documents = (...path: string[]): unknown[] =>
  parseAllDocuments(text(...path)).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS();
  });

function schema(name: string, options: Options = {}): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true, ...options });
  addFormats.default(ajv);
  const file = new URL(`./schemas/${name}.json`, import.meta.url);
  return ajv.addSchema(JSON.parse(readFileSync(file, "utf8")), name);
}

function validator(ajv: Ajv, reference: string): ValidateFunction {
  const validate = ajv.getSchema(reference);
  if (validate === undefined) throw new Error(`There is no schema ${reference}.`);
  return validate;
}

/** What a schema says against a document; empty: nothing. */
function faults(validate: ValidateFunction, document: unknown): string[] {
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** A document with one more field in one of its parts. */
function spoilt(document: unknown, ...path: string[]): unknown {
  const copy = structuredClone(document);
  let part = copy as Record<string, unknown>;
  for (const key of path) part = part[key] as Record<string, unknown>;
  part["no-such-field"] = { wrong: true };
  return copy;
}

describe("the GitHub Actions workflow", () => {
  const validate = validator(schema("github-workflow"), "github-workflow");
  const [workflow] = documents("github-actions", "drift.yml");

  it("is valid by the schema of GitHub workflows", () => {
    expect(faults(validate, workflow)).toEqual([]);
  });

  it("would not be with a field that there is not", () => {
    expect(faults(validate, spoilt(workflow, "jobs", "drift"))).not.toEqual([]);
  });

  it("hands no secret to a command line", () => {
    const { jobs } = workflow as { jobs: { drift: { steps: { run?: string }[] } } };
    for (const { run = "" } of jobs.drift.steps) expect(run).not.toContain("secrets.");
  });
});

describe("the GitLab job", () => {
  const validate = validator(schema("gitlab-ci"), "gitlab-ci");
  const [pipeline] = documents("gitlab", "drift.gitlab-ci.yml");

  it("is valid by GitLab's schema", () => {
    expect(faults(validate, pipeline)).toEqual([]);
  });

  it("would not be with a field that there is not", () => {
    expect(faults(validate, spoilt(pipeline, "drift"))).not.toEqual([]);
  });
});

describe("the Kubernetes CronJob", () => {
  const ajv = schema("kubernetes", { formats: { int32: true, int64: true, double: true } });
  const of = (kind: string, document: unknown) =>
    faults(validator(ajv, `kubernetes#/definitions/${kind}`), document);
  const [claim, cronJob] = documents("kubernetes", "cronjob.yaml");

  it("and its volume are valid by Kubernetes' own schema", () => {
    expect(of("io.k8s.api.core.v1.PersistentVolumeClaim", claim)).toEqual([]);
    expect(of("io.k8s.api.batch.v1.CronJob", cronJob)).toEqual([]);
  });

  it("would not be with a field that there is not", () => {
    const wrong = spoilt(cronJob, "spec", "jobTemplate", "spec", "template", "spec");
    expect(of("io.k8s.api.batch.v1.CronJob", wrong)).not.toEqual([]);
  });
});

describe("the Pulumi Kubernetes Operator's resources", () => {
  const [preview] = documents("kubernetes", "stack.yaml");
  const [program, stack] = documents("kubernetes", "program.yaml");

  it("have the fields of their API references", () => {
    stackResource.parse(preview);
    programResource.parse(program);
    stackResource.parse(stack);
    expect(stackResource.safeParse(spoilt(preview, "spec")).success).toBe(false);
    expect(programResource.safeParse(spoilt(program, "program")).success).toBe(false);
  });

  it("never change a stack of the project", () => {
    expect(stackResource.parse(preview).spec).toMatchObject({ preview: true, refresh: true });
  });

  it("name a program that is there", () => {
    const { name } = programResource.parse(program).metadata;
    expect(stackResource.parse(stack).spec.programRef).toEqual({ name });
  });
});

describe("the settings of Pulumi Deployments", () => {
  it("are a program of the schedules' shape", () => {
    const { resources } = pulumiYamlProgram.parse(parse(text("pulumi-deployments", "Pulumi.yaml")));
    for (const [name, resource] of Object.entries(resources)) {
      const { stack, project } = resource.properties;
      expect(name.startsWith(`${stack}-`)).toBe(true);
      expect(project).toBe("bulkhead");
      for (const dependency of "options" in resource ? (resource.options?.dependsOn ?? []) : [])
        expect(Object.keys(resources)).toContain(dependency.slice(2, -1));
    }
  });

  it("are the API's request body", () => {
    const body = JSON.parse(text("pulumi-deployments", "drift-schedule.json"));
    expect(driftSchedule.parse(body)).toEqual({ scheduleCron: "17 * * * *", autoRemediate: false });
    expect(driftSchedule.safeParse({ ...body, scheduleCron: "hourly" }).success).toBe(false);
  });
});

const SYSTEMD = readdirSync(join(DEPLOY, "systemd"));

/** Sections and directives of a unit file, those that are given twice too. */
function unitOf(file: string): [section: string, directive: string, value: string][] {
  let section = "";
  return text("systemd", file)
    .split("\n")
    .flatMap((line): [string, string, string][] => {
      if (/^(#|;|$)/.test(line)) return [];
      const header = /^\[(\w+)\]$/.exec(line);
      if (header?.[1] !== undefined) section = header[1];
      if (header) return [];
      const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new Error(`${file}: ${line}`);
      return [[section, name, value]];
    });
}

const hasSystemd = (() => {
  try {
    return execFileSync("systemd-analyze", ["--version"], { encoding: "utf8" }) !== "";
  } catch {
    return false;
  }
})();

describe("the systemd units", () => {
  it("are a service and a timer that have each other's name", () => {
    expect(SYSTEMD.sort()).toEqual(["bulkhead-drift.service", "bulkhead-drift.timer"]);
  });

  it("take drift for a result, and not to be able to tell, or a broken isolation, for a failure", () => {
    const unit = unitOf("bulkhead-drift.service");
    expect(unit.filter(([, name]) => name === "SuccessExitStatus")).toEqual([
      ["Service", "SuccessExitStatus", "2"],
    ]);
  });

  it("keep the service from gaining rights, and from writing but where it must", () => {
    const service = new Map(
      unitOf("bulkhead-drift.service").map(([, name, value]) => [name, value]),
    );
    expect(Object.fromEntries(service)).toMatchObject({
      NoNewPrivileges: "yes",
      ProtectSystem: "strict",
      ProtectHome: "yes",
      CapabilityBoundingSet: "",
      StateDirectoryMode: "0700",
    });
  });

  it.skipIf(!hasSystemd)("are found right by systemd, and the service well kept in", () => {
    const files = SYSTEMD.map((file) => join(DEPLOY, "systemd", file));
    const run = (...args: string[]) =>
      execFileSync("systemd-analyze", args, { encoding: "utf8", stdio: "pipe" });
    for (const file of files) expect(run("verify", "--man=no", file)).toBe("");
    const service = files.find((file) => file.endsWith(".service")) ?? "";
    expect(run("security", "--offline=true", "--threshold=20", service)).toContain("OK");
  });
});

/** Command lines of `bulkhead` in a file, each as words, from its first argument on. */
function commandLines(content: string): string[][] {
  const lines = content
    .split("\n")
    .filter((line) => !/^\s*#/.test(line))
    .join("\n")
    // An argument list of YAML, and a line that is folded, read as one line.
    .replace(/\n\s+- (?=--?\w|vendor|drift|bin\/)/g, " ")
    .replace(/\n\s+args:/g, " ")
    .replace(/\n\s+(?=--)/g, " ")
    .split("\n");
  return lines.flatMap((line) => {
    const found = /(?:npx bulkhead|bin\/bulkhead\.mjs) (.+)$/.exec(line)?.[1];
    return found === undefined ? [] : [found.trim().split(/\s+/)];
  });
}

const help = async (...args: string[]): Promise<string> => {
  const bulkhead = join(ROOT, "bin", "bulkhead.mjs");
  const { stdout } = await execa(process.execPath, [bulkhead, ...args, "--help"]);
  return stdout;
};

describe("the commands in these files", () => {
  const files = readdirSync(DEPLOY, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const commands = files.flatMap((file) =>
    commandLines(readFileSync(file, "utf8")).map((words) => ({ file, words })),
  );

  it("are one in the workflow, the pipeline, the service and the CronJob", () => {
    expect(commands.map(({ file }) => file.slice(DEPLOY.length + 1)).sort()).toEqual([
      "github-actions/drift.yml",
      "gitlab/drift.gitlab-ci.yml",
      "kubernetes/cronjob.yaml",
      "systemd/bulkhead-drift.service",
    ]);
  });

  it("have only verbs and options that the command line knows", async () => {
    const known = `${await help()}\n${await help("drift")}`;
    for (const { words } of commands) {
      expect(words).toContain("drift");
      for (const option of words.filter((word) => word.startsWith("--")))
        expect(known).toMatch(new RegExp(`^ +${option}( |$)`, "m"));
    }
  });

  it("are understood, and fail only for want of a Pulumi", { timeout: 60_000 }, async () => {
    const runs = commands.map(({ words }) =>
      execa(process.execPath, [join(ROOT, "bin", "bulkhead.mjs"), ...words], {
        reject: false,
        env: { BULKHEAD_STATE: "/nonexistent" },
        cwd: ROOT,
      }),
    );
    for (const { stderr, exitCode } of await Promise.all(runs)) {
      expect(stderr).toContain("tools.json does not say where Pulumi is");
      expect(exitCode).toBe(1);
    }
  });
});
