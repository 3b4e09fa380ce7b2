/** The time as the vendor writes it: without fractions of a second. */
export const wholeSeconds = (time: Date | string): string =>
  new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
