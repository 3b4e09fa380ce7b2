import { SetupError } from "./failure.mjs";

/**
 * One thing that a bare machine lacks. `pending` must be cheap: it runs on every start.
 * @typedef {object} Step
 * @property {string} title
 * @property {(context: import("./context.mjs").Context) => string | null} pending Why the step has to run; null when all is there.
 * @property {(context: import("./context.mjs").Context) => Promise<void>} run
 * @property {(context: import("./context.mjs").Context) => string} summary What is there, in a few words.
 */

/**
 * Runs every step that is pending, in order, and reports the time of each.
 * @param {import("./context.mjs").Context} context
 * @param {readonly Step[]} steps
 * @returns {Promise<string[]>} Titles of the steps that ran.
 * @throws {SetupError} when a step fails or does not reach what it promises.
 */
export async function bootstrap(context, steps) {
  const started = performance.now();
  const ran = [];
  const facts = [];
  for (const step of steps) {
    const reason = step.pending(context);
    if (reason !== null) {
      const stepStarted = performance.now();
      context.log(`${step.title}: ${reason}`);
      await step.run(context);
      const left = step.pending(context);
      if (left !== null) {
        throw new SetupError(
          `The step "${step.title}" ran but is still not done: ${left}.`,
          "Run `node tools/bootstrap.mjs` again and report the output if it repeats.",
        );
      }
      context.log(`${step.title}: done in ${duration(performance.now() - stepStarted)}`);
      ran.push(step.title);
    }
    facts.push(step.summary(context));
  }
  context.log(`ready in ${duration(performance.now() - started)} (${facts.join(", ")})`);
  return ran;
}

/**
 * A duration for people: "12 ms", "3.4 s", "2 min 45 s".
 * @param {number} milliseconds
 * @returns {string}
 */
export function duration(milliseconds) {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
