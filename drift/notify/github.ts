/** News as a GitHub issue: one for each stack, kept up to date, closed when there is no drift. */
import { request as plainRequest } from "@octokit/request";
import { z } from "zod";
import { plural } from "../../policy/wording.ts";
import { markdownReport } from "../report/markdown.ts";
import type { DriftReport } from "../report/report.ts";
import { networkError, statusError } from "./deliver.ts";
import { reportOf } from "./message.ts";
import type { StackNews } from "./news.ts";
import type { GithubSettings } from "./settings.ts";

/** GitHub takes 65536 characters. */
const BODY_LENGTH = 60_000;

const PER_PAGE = 100;

/** Pages of issues with the label in which a stack's is looked for. */
const PAGES = 10;

const issuesSchema = z.array(
  z.object({
    number: z.number(),
    body: z.string().nullish(),
    pull_request: z.unknown().optional(),
  }),
);

type Issue = z.output<typeof issuesSchema>[number];
type Request = typeof plainRequest;

/**
 * Brings the issues of these stacks up to date. It may be called again after a failure: what was done is
 * found and not done twice.
 *
 * @throws DeliveryError
 * @see https://docs.github.com/en/rest/issues/issues
 */
export async function updateIssues(
  token: string,
  settings: GithubSettings,
  report: DriftReport,
  news: readonly StackNews[],
  signal: AbortSignal,
): Promise<void> {
  const request = plainRequest.defaults({
    baseUrl: settings.api.replace(/\/$/, ""),
    headers: {
      authorization: `Bearer ${token}`,
      "user-agent": "bulkhead",
      "x-github-api-version": "2022-11-28",
    },
    request: { signal },
  });
  try {
    const issues = await labelledIssues(request, settings);
    for (const each of news) await updateIssue(request, settings, report, each, issues);
  } catch (error) {
    signal.throwIfAborted();
    throw refusal(error);
  }
}

/** Only members of a repository give labels, so nobody else can have an issue of theirs overwritten. */
async function labelledIssues(
  request: Request,
  { repository, label }: GithubSettings,
): Promise<Issue[]> {
  const found: Issue[] = [];
  for (let page = 1; page <= PAGES; page += 1) {
    const { data } = await request(`GET /repos/${repository}/issues`, {
      labels: label,
      state: "all",
      per_page: PER_PAGE,
      page,
    });
    const issues = issuesSchema.parse(data);
    found.push(...issues.filter((issue) => issue.pull_request === undefined));
    if (issues.length < PER_PAGE) break;
  }
  return found;
}

async function updateIssue(
  request: Request,
  { repository, label }: GithubSettings,
  report: DriftReport,
  news: StackNews,
  issues: readonly Issue[],
): Promise<void> {
  const { stack, open, whole } = news;
  const marker = `<!-- bulkhead drift ${stack.stack} -->`;
  const existing = issues.find(({ body }) => body?.startsWith(marker));
  const isClean = whole && open.length === 0;
  if (existing === undefined && isClean) return;
  const content = {
    title: titleOf(news),
    body: `${marker}\n${cut(markdownReport(reportOf(report, [news])))}`,
  };
  if (existing === undefined) {
    await request(`POST /repos/${repository}/issues`, { ...content, labels: [label] });
    return;
  }
  await request(`PATCH /repos/${repository}/issues/${existing.number}`, {
    ...content,
    ...(isClean ? { state: "closed", state_reason: "completed" } : { state: "open" }),
  });
}

function titleOf({ stack, open, whole }: StackNews): string {
  const [worst] = open;
  if (worst !== undefined)
    return `Drift of ${stack.stack}: ${plural(open.length, "finding")}, worst ${worst.grade}`;
  return whole ? `Drift of ${stack.stack}: none` : `Drift of ${stack.stack}: nobody can tell`;
}

/** A refusal for a limit on requests says when to come again. */
function refusal(error: unknown): Error {
  if (error instanceof z.ZodError) return statusError(502);
  const { status, response } = error as {
    status?: number;
    response?: { headers?: Readonly<Record<string, string | number | undefined>> };
  };
  if (status === undefined || response === undefined) return networkError(error);
  const wait = response.headers?.["retry-after"];
  return statusError(
    status === 403 && wait !== undefined ? 429 : status,
    wait === undefined ? null : String(wait),
  );
}

const cut = (text: string): string =>
  text.length <= BODY_LENGTH
    ? text
    : `${text.slice(0, BODY_LENGTH)}\n\n(cut: the report is longer)`;
