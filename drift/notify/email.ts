/** News by e-mail. */
import { createTransport } from "nodemailer";
import { htmlReport } from "../report/html.ts";
import type { DriftReport } from "../report/report.ts";
import { DeliveryError, networkError } from "./deliver.ts";
import { reportOf, textOf, titleOf } from "./message.ts";
import type { StackNews } from "./news.ts";
import type { EmailSettings } from "./settings.ts";

/** Where a server listens that is not told otherwise. */
const PORTS = { "smtp:": 587, "smtps:": 465 } as const;

/**
 * @param server `smtps://user:password@host:465`, or `smtp://…:587`, which changes to TLS.
 * @throws DeliveryError
 */
export async function sendEmail(
  server: URL,
  { from, to }: EmailSettings,
  report: DriftReport,
  news: readonly StackNews[],
  signal: AbortSignal,
): Promise<void> {
  const secure = server.protocol === "smtps:";
  const host = server.hostname.replace(/^\[|\]$/g, "");
  const transport = createTransport({
    host,
    port: Number(server.port) || PORTS[secure ? "smtps:" : "smtp:"],
    secure,
    // Neither password nor news go over a network in plain text.
    requireTLS: !secure && !isLoopback(host),
    ...(server.username === ""
      ? {}
      : {
          auth: {
            user: decodeURIComponent(server.username),
            pass: decodeURIComponent(server.password),
          },
        }),
  });
  const end = () => transport.close();
  signal.addEventListener("abort", end, { once: true });
  try {
    await untilAborted(
      transport.sendMail({
        from,
        to: [...to],
        subject: titleOf(report.project, news),
        text: textOf(report.project, news),
        html: htmlReport(reportOf(report, news)),
      }),
      signal,
    );
  } catch (error) {
    signal.throwIfAborted();
    throw refusal(error);
  } finally {
    signal.removeEventListener("abort", end);
    transport.close();
  }
}

/** A server's 4xx passes; 5xx, a wrong login among them, is its last word. */
function refusal(error: unknown): DeliveryError {
  const { responseCode } = error as { responseCode?: number };
  if (responseCode === undefined) return networkError(error);
  return new DeliveryError(`it answered ${responseCode}`, responseCode < 500);
}

/** The client has time limits for its steps, and none for the whole. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** Whether a host is this machine. */
export const isLoopback = (host: string): boolean =>
  /^(127\.[\d.]+|::1|\[::1\]|localhost)$/.test(host);
