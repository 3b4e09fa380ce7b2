import type { Progress, ProgressListener } from "../../drift/index.ts";
import type { Output } from "../output/output.ts";

/** Milliseconds between two lines about the same stack: enough to see that it goes on. */
const PAUSE_MS = 2000;

/** Tells what a run does, a line at a time; on a long refresh how far it is. */
export function progressLines(
  out: Pick<Output, "progress">,
  now: () => number = Date.now,
): ProgressListener {
  const resources = new Map<string, number>();
  const said = new Map<string, number>();
  const say = (stack: string, line: string) => {
    said.set(stack, now());
    out.progress(`${stack}: ${line}`);
  };
  const lines: { [S in Progress["stage"]]: (progress: Extract<Progress, { stage: S }>) => void } = {
    started: ({ stack, resources: count }) => {
      resources.set(stack, count);
      say(stack, `comparing ${count} resources with the vendors`);
    },
    reading: ({ stack, done }) => {
      if (now() - (said.get(stack) ?? 0) < PAUSE_MS) return;
      say(stack, `${done} of ${resources.get(stack)} resources compared`);
    },
    probing: ({ stack, probe }) => {
      if (now() - (said.get(stack) ?? 0) < PAUSE_MS) return;
      say(stack, `looking at ${probe}`);
    },
    ended: ({ stack, differences }) =>
      say(stack, differences === 1 ? "1 difference" : `${differences} differences`),
  };
  return (progress) => lines[progress.stage](progress as never);
}
