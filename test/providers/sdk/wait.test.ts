import { expect, test } from "vitest";
import { ProviderError, VendorFault } from "../../../providers/sdk/fault.ts";
import { type Probe, waitUntil } from "../../../providers/sdk/wait.ts";

/** A context that keeps its lines, and a probe that answers with `steps` in turn, the last one for ever. */
function waiting(steps: (Probe<string> | Error)[], timeoutMs?: number) {
  const lines: [string, boolean | undefined][] = [];
  const cancel = new AbortController();
  const context = {
    what: 'database cluster "orders"',
    signal: cancel.signal,
    timeoutMs,
    log: (line: string, options?: { ephemeral?: boolean }) =>
      lines.push([line, options?.ephemeral]),
    fault: (error: unknown) => (error instanceof VendorFault ? error : undefined),
  };
  const probe = async () => {
    const step = steps.length > 1 ? steps.shift() : steps[0];
    if (step instanceof Error) throw step;
    if (step === undefined) throw new Error("no steps");
    return step;
  };
  const run = (limit = 10_000, silence: { silenceMs?: number } = {}) =>
    waitUntil(context, { doing: "creating", probe, timeoutMs: limit, pollMs: 5, ...silence });
  return { lines, cancel, run };
}

const creating = { value: "", status: "forking", outcome: "waiting" } as const;
const online = { value: "here", status: "online", outcome: "ready" } as const;

test("waiting ends with the value as soon as the probe says ready, and tells how it goes meanwhile", async () => {
  const { run, lines } = waiting([creating, { ...creating, status: "creating" }, online]);
  expect(await run()).toBe("here");
  expect(lines).toEqual([
    ["creating (forking): 0 s", true],
    ["creating: 0 s", true],
  ]);
});

test("a look that the vendor does not answer is repeated; one that it refuses ends the wait", async () => {
  const lost = new VendorFault("lost", "no answer");
  expect(await waiting([lost, creating, lost, online]).run()).toBe("here");
  const refused = new VendorFault("refused", "Unable to authenticate you");
  await expect(waiting([creating, refused]).run()).rejects.toBe(refused);
});

test("a vendor that is silent for too long ends the wait with the cause, and is not asked anew", async () => {
  const lost = new VendorFault("lost", "no answer");
  const silent = waiting([creating, lost]).run(10_000, { silenceMs: 20 });
  await expect(silent).rejects.toThrow(/database cluster "orders" cannot be waited for: no answer/);
  await expect(silent).rejects.toBeInstanceOf(ProviderError);
  expect(await waiting([lost, lost, online]).run()).toBe("here");
});

test("a time-out names the resource, the wait, the last state and the remedy", async () => {
  const error = await waiting([creating])
    .run(20)
    .catch((each: unknown) => each);
  expect(error).toBeInstanceOf(ProviderError);
  expect(String(error)).toMatch(
    /database cluster "orders" is not ready after 0 s of creating.*"forking".*`pulumi up` again/,
  );
});

test("the program's own time-out goes before the resource's", async () => {
  await expect(waiting([creating], 20).run()).rejects.toThrow(/is not ready/);
});

test("a cancelled run ends the wait at once and says that it goes on with the next", async () => {
  const { run, cancel } = waiting([creating]);
  setTimeout(() => cancel.abort(), 20);
  await expect(run()).rejects.toThrow(/was cancelled.*`pulumi up` again to go on waiting/);
});

test("a resource that the vendor has given up is not waited for", async () => {
  const failed = { value: "", status: "failed", outcome: "failed" } as const;
  await expect(waiting([creating, failed]).run()).rejects.toThrow(/has failed.*"failed"/);
});
