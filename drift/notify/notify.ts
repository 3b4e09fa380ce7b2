/** Tells every target what is new to it. */
import { messageOf } from "../../policy/wording.ts";
import { type Known, knownFrom } from "../record/known.ts";
import type { RunRecord } from "../record/run-record.ts";
import type { DriftReport } from "../report/report.ts";
import { deliver, PATIENCE, type Patience } from "./deliver.ts";
import { isLoopback, sendEmail } from "./email.ts";
import { updateIssues } from "./github.ts";
import { newsFor, type StackNews } from "./news.ts";
import type { Target } from "./settings.ts";
import { sendWebhook } from "./webhook.ts";

export interface NotifyInput {
  readonly targets: readonly Target[];
  readonly report: DriftReport;
  readonly record: RunRecord;
  /** Past runs of this cloud, oldest first. */
  readonly past: readonly RunRecord[];
  /** Holds the secrets, by the names that the targets give. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly patience?: Patience;
}

/** A target that was not told. */
export interface NotifyFailure {
  readonly target: string;
  /** Two sentences, without a secret. */
  readonly message: string;
}

export interface NotifyResult {
  /** Names of targets that know everything now, also those for which there was nothing new. */
  readonly told: readonly string[];
  readonly failures: readonly NotifyFailure[];
}

/** Never throws but for an abort; one target's failure keeps no other from being told. */
export async function notify(input: NotifyInput): Promise<NotifyResult> {
  const { targets, signal } = input;
  const failures = await Promise.all(targets.map((target) => tell(target, input)));
  signal.throwIfAborted();
  return {
    told: targets.filter((_, index) => failures[index] === undefined).map(({ name }) => name),
    failures: failures.filter((failure) => failure !== undefined),
  };
}

async function tell(
  target: Target,
  { report, record, past, env, signal, patience = PATIENCE }: NotifyInput,
): Promise<NotifyFailure | undefined> {
  const news = newsFor(target, report, record, knownTo(target, past));
  if (news.length === 0) return undefined;
  const failed = (problem: string, remedy: string): NotifyFailure => ({
    target: target.name,
    message: `${target.name} was not told of the drift: ${problem}. ${remedy}`,
  });
  const { variable, send } = wayTo(target, report, news);
  const value = env[variable];
  if (!value) return failed(`${variable} is not set`, "Set it where the run takes place.");
  const prepared = send(value);
  if (typeof prepared === "string")
    return failed(`${variable} ${prepared}`, "Correct it where the run takes place.");
  try {
    await deliver(prepared, patience, signal);
    return undefined;
  } catch (error) {
    const problem = messageOf(error);
    return failed(
      problem,
      `Check the receiver and ${variable}; the next run that is told to notify tries again.`,
    );
  }
}

/** Each target knows what it was told, and of no run that did not reach it. */
const knownTo = ({ name }: Target, past: readonly RunRecord[]): Known =>
  knownFrom(past.filter(({ told }) => told.includes(name)));

interface Way {
  /** The environment variable that holds its secret. */
  readonly variable: string;
  /** What sends the news, by the secret; or what is wrong with the secret, without it. */
  readonly send: (value: string) => ((signal: AbortSignal) => Promise<void>) | string;
}

function wayTo(
  { webhook, email, github }: Target,
  report: DriftReport,
  news: readonly StackNews[],
): Way {
  if (webhook !== undefined)
    return {
      variable: webhook.urlVariable,
      send: (url) =>
        isSafeUrl(url)
          ? (signal) => sendWebhook(url, webhook, report, news, signal)
          : "holds no https URL",
    };
  if (email !== undefined)
    return {
      variable: email.serverVariable,
      send: (text) => {
        const server = URL.canParse(text) ? new URL(text) : undefined;
        return server !== undefined && /^smtps?:$/.test(server.protocol)
          ? (signal) => sendEmail(server, email, report, news, signal)
          : "holds no URL like smtps://user:password@host";
      },
    };
  if (github !== undefined)
    return {
      variable: github.tokenVariable,
      send: (token) =>
        isSafeUrl(github.api)
          ? (signal) => updateIssues(token, github, report, news, signal)
          : "would be sent to an address without https",
    };
  throw new Error("A target has no way to be told.");
}

/** A secret goes over a network by TLS only. */
function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}
