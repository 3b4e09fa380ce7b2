/** News by webhook: Slack's form, which others imitate, or a document for programs. */
import type { DriftReport } from "../report/report.ts";
import { networkError, statusError } from "./deliver.ts";
import { linesOf, textOf, titleOf } from "./message.ts";
import type { StackNews } from "./news.ts";
import type { WebhookSettings } from "./settings.ts";

/** Of the document of `format: json`. */
const JSON_VERSION = 1;

/** @throws DeliveryError */
export async function sendWebhook(
  url: string,
  { format }: WebhookSettings,
  report: DriftReport,
  news: readonly StackNews[],
  signal: AbortSignal,
): Promise<void> {
  const body = JSON.stringify(FORMATS[format](report, news));
  const headers = { "content-type": "application/json", "user-agent": "bulkhead" };
  let answer: Response;
  try {
    answer = await fetch(url, { method: "POST", headers, body, redirect: "error", signal });
  } catch (error) {
    signal.throwIfAborted();
    throw networkError(error);
  }
  await answer.body?.cancel();
  if (!answer.ok) throw statusError(answer.status, answer.headers.get("retry-after"));
}

const FORMATS: Readonly<
  Record<WebhookSettings["format"], (report: DriftReport, news: readonly StackNews[]) => object>
> = { slack: slackMessage, json: jsonMessage };

/** Slack's limits. @see https://docs.slack.dev/reference/block-kit/blocks */
const HEADER_LENGTH = 150;
const SECTION_LENGTH = 3000;
const BLOCKS = 50;

function slackMessage({ project, startedAt }: DriftReport, news: readonly StackNews[]): object {
  const sections = news.slice(0, BLOCKS - 2).map((each) => ({
    type: "section",
    text: {
      type: "mrkdwn",
      text: cut(
        escaped([`*${each.stack.stack}*`, ...linesOf(each).map((line) => `• ${line}`)].join("\n")),
        SECTION_LENGTH,
      ),
    },
  }));
  return {
    // What is shown in notifications, and by those that know no blocks.
    text: escaped(textOf(project, news)),
    blocks: [
      {
        type: "header",
        text: { type: "plain_text", text: cut(titleOf(project, news), HEADER_LENGTH) },
      },
      ...sections,
      { type: "context", elements: [{ type: "plain_text", text: `Run of ${startedAt}` }] },
    ],
  };
}

function jsonMessage(report: DriftReport, news: readonly StackNews[]): object {
  const { project, startedAt, verdict } = report;
  return {
    version: JSON_VERSION,
    project,
    startedAt,
    verdict,
    stacks: news.map(({ stack, appeared, gone, occasions, open }) => ({
      stack: stack.stack,
      tier: stack.tier,
      occasions,
      appeared: appeared.map(({ id, grade, kind, subject, message, because, remedies }) => ({
        id,
        grade,
        kind,
        type: subject.type,
        name: subject.name,
        message,
        because,
        commands: remedies.map(({ command }) => command),
      })),
      gone,
      open: open.length,
      problems: stack.problems,
    })),
  };
}

/** @see https://docs.slack.dev/messaging/formatting-message-text#escaping */
const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;
