import { expect, it } from "vitest";
import { within } from "../../../local/engines/within.ts";

it("gives the result or the error of work that ends in time, and its own error for other work", async () => {
  expect(await within(5000, "Late.", Promise.resolve(1))).toBe(1);
  await expect(within(5000, "Late.", Promise.reject(new Error("Broken.")))).rejects.toThrow(
    "Broken.",
  );
  await expect(within(20, "Late.", new Promise(() => undefined))).rejects.toThrow("Late.");
});
