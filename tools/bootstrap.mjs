// Entry of `npm start` and `npm test` (prestart, pretest): makes a bare clone able to run.
// Plain JavaScript without dependencies, because it runs before `npm ci` and on Node 18.
import { createContext } from "./bootstrap/context.mjs";
import { asSetupError } from "./bootstrap/failure.mjs";
import { bootstrap } from "./bootstrap/run.mjs";
import { STEPS } from "./bootstrap/steps.mjs";

try {
  await bootstrap(createContext(), STEPS);
} catch (error) {
  const failure = asSetupError(error);
  if (failure === undefined) throw error;
  process.stderr.write(`bootstrap: error: ${failure.message}\n`);
  process.exitCode = 1;
}
