/**
 * The first `major.minor.patch` in a text ("v3.220.0\n" → [3, 220, 0]); undefined when there is none.
 * @param {string} text
 * @returns {[number, number, number] | undefined}
 */
export function parseVersion(text) {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)] : undefined;
}

/**
 * Negative, zero or positive as `a` is older than, equal to or newer than `b`.
 * @param {readonly number[]} a
 * @param {readonly number[]} b
 * @returns {number}
 */
export function compareVersions(a, b) {
  for (let index = 0; index < 3; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
