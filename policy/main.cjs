// Entry point of the policy pack, which Pulumi loads as a CommonJS module.
import("./load.ts").catch((error) => {
  // What is wrong with the settings needs no stack trace.
  const text = error.name === "SettingsError" ? error.message : error.stack;
  process.stderr.write(`${text}\n`);
  process.exit(1);
});
