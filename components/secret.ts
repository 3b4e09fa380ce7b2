import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";
import { InputError } from "./input-error.ts";
import type { Scope } from "./scope.ts";
import { type Alphabet, generatorArgs } from "./secret-strength.ts";
import type { BindingSummary, WorkerBindable, WorkerBinding } from "./worker-bindings.ts";

export interface SecretArgs {
  /** The system and environment that own the secret. */
  readonly scope: Scope;
  /** Characters. Default: 64. A change generates a new value at once, without grace. */
  readonly length?: number;
  /** What the value is made of. Default: `alphanumeric`. A change generates a new value at once. */
  readonly alphabet?: Alphabet;
  /** Counts up from 1 (the default); one more generates a new value and rotates to it. */
  readonly version?: number;
  /**
   * The version in use before this one. Default: one less. Give it when a version was skipped: a
   * version that was never deployed has no value, and one would be generated in its place.
   */
  readonly previousVersion?: number;
  /**
   * ISO date, or date and time, in UTC until which the value of the previous version stays
   * available as `previous`. The first update after it deletes that value. Default: none; then the
   * old value is out of use from this update on, and only its entry in the encrypted state stays,
   * until the next rotation.
   */
  readonly graceUntil?: string;
}

/** What outputs say of a secret. */
export interface SecretState {
  readonly set: boolean;
  /** Characters. */
  readonly length: number;
  readonly version: number;
  /** Whether a grace period runs, so that Workers still get the previous version's value. */
  readonly previousAvailable: boolean;
}

/** One generation of a secret's value. */
export class SecretVersion implements WorkerBindable {
  readonly version: number;
  /** The value, always a Pulumi secret. */
  readonly value: pulumi.Output<string>;
  /** Characters that the value really has. */
  readonly length: pulumi.Output<number>;

  constructor(version: number, generated: RandomPassword) {
    this.version = version;
    this.value = pulumi.secret(generated.result);
    this.length = pulumi.unsecret(this.value.apply((value) => value.length));
  }

  workerBinding(): WorkerBinding {
    const { version } = this;
    const summary = this.length.apply(
      (length): BindingSummary => ({ type: "secret_text", length, version }),
    );
    return { api: { type: "secret_text", text: this.value }, summary };
  }
}

/**
 * A secret that the program generates. No argument takes a value: a secret that a person typed
 * was somewhere before, and can be somewhere else as well.
 *
 * @example Rotate: version 2, and tokens signed with version 1 stay valid until the date.
 * const jwt = new Secret("jwt-secret", { scope, version: 2, graceUntil: "2026-03-01" });
 * new Worker("api", { scope, entry, bindings: {
 *   JWT_SECRET: jwt,
 *   JWT_SECRET_PREVIOUS: jwt.previous,
 * } });
 */
export class Secret extends pulumi.ComponentResource implements WorkerBindable {
  /** The value in use, always a Pulumi secret. */
  readonly value: pulumi.Output<string>;
  readonly version: number;
  /** The value of the previous version, while its grace period runs. */
  readonly previous: SecretVersion | undefined;
  /** What may be shown. */
  readonly state: pulumi.Output<SecretState>;
  private readonly current: SecretVersion;

  constructor(name: string, args: SecretArgs, opts?: pulumi.ComponentResourceOptions) {
    const { scope, length = 64, alphabet = "alphanumeric", version = 1 } = args;
    const logicalName = scope.logicalName(name);
    super("bulkhead:index:Secret", logicalName, {}, scope.componentOptions(opts));
    const plan = planRotation(logicalName, { ...args, version }, new Date());
    const generator = generatorArgs(logicalName, length, alphabet);
    const generate = (number: number, generateOpts: pulumi.CustomResourceOptions) =>
      new SecretVersion(
        number,
        new RandomPassword(`${logicalName}-v${number}`, generator, generateOpts),
      );

    this.current = generate(version, scope.dataOptions(this, opts));
    // Never protected: the engine would refuse to delete it once it is no longer declared.
    const before =
      plan.keep === undefined ? undefined : generate(plan.keep, { parent: this, protect: false });
    this.value = this.current.value;
    this.version = version;
    this.previous = plan.expose ? before : undefined;
    const previousAvailable = this.previous !== undefined;
    this.state = this.current.length.apply((actual) => ({
      set: actual > 0,
      length: actual,
      version,
      previousAvailable,
    }));
    this.registerOutputs({ version, state: this.state });
  }

  workerBinding(): WorkerBinding {
    return this.current.workerBinding();
  }
}

/**
 * A secret's rotation as a stack's configuration says it, so that each environment rotates by
 * itself: `<key>Version` (default 1), `<key>PreviousVersion` (default one less) and
 * `<key>GraceUntil` (default none).
 *
 * @example pulumi config set qhub:jwtSecretVersion 2 --stack staging
 * @throws InputError when a version is not a number.
 */
export function configuredRotation(config: pulumi.Config, key: string): Rotation {
  const previousVersion = config.getNumber(`${key}PreviousVersion`);
  const graceUntil = config.get(`${key}GraceUntil`);
  return {
    version: config.getNumber(`${key}Version`) ?? 1,
    ...(previousVersion === undefined ? {} : { previousVersion }),
    ...(graceUntil === undefined ? {} : { graceUntil: graceUntil.replace(GO_TIME, "$1T$2Z") }),
  };
}

/** How Pulumi hands out a date that stands in a YAML file without quotes. */
const GO_TIME = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}) \+0000 UTC$/;

/** How a secret has rotated. */
export interface Rotation extends Pick<SecretArgs, "previousVersion" | "graceUntil"> {
  readonly version: number;
}

/** Which version before the current one stays in the state, and whether it is still used. */
export interface RotationPlan {
  readonly keep: number | undefined;
  readonly expose: boolean;
}

/**
 * @throws InputError for a version that is not a whole number above zero, for a previous one that is
 *   not before it, and for a date that cannot be read or has no meaning.
 */
export function planRotation(
  name: string,
  { version, previousVersion, graceUntil }: Rotation,
  now: Date,
): RotationPlan {
  if (!Number.isInteger(version) || version < 1) {
    throw new InputError(
      `The version ${version} of the secret ${name} is not a whole number above zero. ` +
        "Start with 1 and add 1 to rotate.",
    );
  }
  const latest = version - 1;
  if (
    previousVersion !== undefined &&
    !(Number.isInteger(previousVersion) && previousVersion >= 1 && previousVersion <= latest)
  ) {
    throw new InputError(
      `The previous version ${previousVersion} of the secret ${name} is not a whole number above ` +
        `zero and below its version ${version}. Give the version that was in use before.`,
    );
  }
  const before = previousVersion ?? (latest > 0 ? latest : undefined);
  if (graceUntil === undefined) {
    return { keep: before, expose: false };
  }
  const end = isoTime(name, graceUntil);
  if (before === undefined) {
    throw new InputError(
      `The secret ${name} has a graceUntil at version 1, before which there is no value. ` +
        "Leave graceUntil out until the version is 2.",
    );
  }
  return now.getTime() < end ? { keep: before, expose: true } : { keep: undefined, expose: false };
}

function isoTime(name: string, text: string): number {
  const date = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z)?$/.test(text)
    ? new Date(text)
    : undefined;
  // The comparison catches days that do not exist: Date turns 30 February into 2 March.
  if (!date || Number.isNaN(date.getTime()) || !date.toISOString().startsWith(text.slice(0, 10))) {
    throw new InputError(
      `graceUntil "${text}" of the secret ${name} is not a date. ` +
        "Write it like 2026-03-01 or 2026-03-01T12:00:00Z (UTC).",
    );
  }
  return date.getTime();
}
