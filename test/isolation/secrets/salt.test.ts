import { expect, test } from "vitest";
import { createFingerprinter, saltId, saltProblem } from "../../../isolation/secrets/index.ts";

test.each(["h3Jt0mQv6uXxYp1bLz8KcA", "A".repeat(43), "-_".repeat(32)])("%s is a salt", (salt) => {
  expect(saltProblem(salt)).toBeUndefined();
});

test.each([
  ["", "has 0 bits; 128 are needed"],
  ["h3Jt0mQv6uXxYp1bLz8Kc", "has 120 bits; 128 are needed"],
  ["h3Jt0mQv6uXxYp1bLz8KcA==", "has characters that base64url does not have"],
  ["h3Jt0mQv6uXx+p1bLz8KcA", "has characters that base64url does not have"],
  ["a salt of a good length, with blanks", "has characters that base64url does not have"],
])("%j is refused with a way to make one", (salt, problem) => {
  expect(saltProblem(salt)).toContain(`The salt ${problem}`);
  expect(saltProblem(salt)).toContain("openssl rand");
  expect(() => createFingerprinter(salt)).toThrow(problem);
});

test("a salt's id tells which one it is and not what it is", () => {
  const salt = "h3Jt0mQv6uXxYp1bLz8KcA";
  expect(saltId(salt)).toMatch(/^[0-9a-f]{16}$/);
  expect(saltId(salt)).toBe(saltId(salt));
  expect(saltId("A".repeat(43))).not.toBe(saltId(salt));
});
