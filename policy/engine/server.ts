/** CrossGuard's protocol ⇄ {@link PolicySession}. */
import services from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import type {
  AnalyzeRequest,
  AnalyzerHandshakeRequest,
  AnalyzerStackConfigureRequest,
  AnalyzeStackRequest,
  ConfigureAnalyzerRequest,
} from "@pulumi/pulumi/proto/analyzer_pb.js";
import messages from "@pulumi/pulumi/proto/analyzer_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import { announce, pluginServer, unary } from "../../providers/sdk/plugin-process.ts";
import { formatFinding, type RuleFinding } from "../evaluate.ts";
import type { Severity } from "../rule.ts";
import { rules } from "../rules/index.ts";
import { connectEngineLog, type EngineLog } from "./log.ts";
import type { PolicySession } from "./session.ts";
import { type RunFacts, readAnnounced, readFinal, readRun } from "./wire.ts";

const { EnforcementLevel, PolicySeverity, PolicyType } = messages;

const SEVERITIES: Readonly<Record<Severity, keyof typeof PolicySeverity>> = {
  critical: "POLICY_SEVERITY_CRITICAL",
  high: "POLICY_SEVERITY_HIGH",
  medium: "POLICY_SEVERITY_MEDIUM",
  low: "POLICY_SEVERITY_LOW",
};

const LEVELS = {
  mandatory: EnforcementLevel.MANDATORY,
  advisory: EnforcementLevel.ADVISORY,
} as const;

/** The pack as Pulumi's reports name it. */
export interface PackIdentity {
  readonly name: string;
  readonly version: string;
}

/** Serves the pack to the engine that started this process. */
export async function servePack(
  pack: PackIdentity,
  open: (run: RunFacts) => PolicySession,
): Promise<void> {
  const server = pluginServer();
  server.addService(services.AnalyzerService, handlers(pack, open));
  await announce(server);
}

function handlers(pack: PackIdentity, open: (run: RunFacts) => PolicySession) {
  let session: PolicySession | undefined;
  let log: EngineLog | undefined;
  let cancelled = false;
  /** Levels from `--policy-pack-config` that differ from the rules' own, by rule. */
  const configured = new Map<string, number>();

  const running = (): PolicySession => {
    if (session === undefined)
      throw new Error("The engine did not say which stack it works on. Use Pulumi 3.220 or later.");
    return session;
  };
  const diagnostics = (findings: readonly RuleFinding[]) =>
    findings.flatMap((finding) => {
      const level = configured.get(finding.rule.name) ?? LEVELS[finding.level];
      return level === EnforcementLevel.DISABLED ? [] : [diagnostic(pack, finding, level)];
    });
  const answer = (findings: readonly RuleFinding[]) => {
    const response = new messages.AnalyzeResponse();
    response.setDiagnosticsList(diagnostics(findings));
    return response;
  };

  return {
    handshake: unary(async (request: AnalyzerHandshakeRequest) => {
      log = connectEngineLog(request.getEngineAddress());
      return new messages.AnalyzerHandshakeResponse();
    }),
    getPluginInfo: unary(async () => {
      const info = new plugin.PluginInfo();
      info.setVersion(pack.version);
      return info;
    }),
    getAnalyzerInfo: unary(async () => packInfo(pack)),
    configure: unary(async (request: ConfigureAnalyzerRequest) => {
      for (const [name, config] of request.getPolicyconfigMap().entries()) {
        const rule = rules.find((each) => each.name === name);
        // The engine sends every rule's own level back, beside those that somebody has configured.
        if (rule === undefined || config.getEnforcementlevel() !== LEVELS[rule.level])
          configured.set(name, config.getEnforcementlevel());
      }
      return new empties.Empty();
    }),
    configureStack: unary(async (request: AnalyzerStackConfigureRequest) => {
      session = open(readRun(request));
      return new messages.AnalyzerStackConfigureResponse();
    }),
    analyze: unary(async (request: AnalyzeRequest) =>
      answer(await running().announce(readAnnounced(request))),
    ),
    analyzeStack: unary(async (request: AnalyzeStackRequest) => {
      // Of a run that was cancelled nothing can be concluded, and its own end is to be told.
      if (cancelled) return new messages.AnalyzeResponse();
      const { findings, notes } = await running().conclude(
        request.getResourcesList().map(readFinal),
      );
      for (const note of notes) await log?.(note);
      return answer(findings);
    }),
    remediate: unary(async () => new messages.RemediateResponse()),
    cancel: unary(async () => {
      cancelled = true;
      return new empties.Empty();
    }),
  };
}

function diagnostic(pack: PackIdentity, finding: RuleFinding, level: number) {
  const message = new messages.AnalyzeDiagnostic();
  message.setPolicyname(finding.rule.name);
  message.setPolicypackname(pack.name);
  message.setPolicypackversion(pack.version);
  message.setDescription(finding.rule.title);
  message.setMessage(formatFinding(finding));
  message.setEnforcementlevel(level);
  message.setUrn(finding.urn?.startsWith("urn:") ? finding.urn : "");
  message.setSeverity(PolicySeverity[SEVERITIES[finding.rule.severity]]);
  return message;
}

function packInfo(pack: PackIdentity) {
  const info = new messages.AnalyzerInfo();
  info.setName(pack.name);
  info.setDisplayname("Isolation between stacks");
  info.setVersion(pack.version);
  info.setSupportsconfig(true);
  info.setPoliciesList(
    rules.map((rule) => {
      const policy = new messages.PolicyInfo();
      policy.setName(rule.name);
      policy.setDisplayname(rule.name);
      policy.setDescription(rule.title);
      policy.setMessage(rule.why);
      policy.setRemediationSteps(rule.remedy);
      policy.setUrl(`docs/policies.md#${rule.name}`);
      policy.setEnforcementlevel(LEVELS[rule.level]);
      policy.setSeverity(PolicySeverity[SEVERITIES[rule.severity]]);
      policy.setPolicyType(
        rule.resource === undefined
          ? PolicyType.POLICY_TYPE_STACK
          : PolicyType.POLICY_TYPE_RESOURCE,
      );
      return policy;
    }),
  );
  return info;
}
