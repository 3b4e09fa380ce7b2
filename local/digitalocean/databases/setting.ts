import { z } from "zod";

/** One advanced setting of the vendor's, and the line of the server's configuration that it makes. */
export interface Setting {
  readonly schema: z.ZodType;
  /** What the server does when nobody has changed it; undefined when it has no such value. */
  readonly fallback: unknown;
  /** The server's own name for it. */
  readonly parameter: string;
  readonly toText: (value: unknown) => string;
}

export type Settings = Readonly<Record<string, Setting>>;

interface Shape {
  readonly parameter?: string;
  readonly toText?: (value: unknown) => string;
}

const setting = (
  schema: z.ZodType,
  fallback: unknown,
  name: string,
  { parameter = name, toText = String }: Shape,
): Setting => ({ schema, fallback, parameter, toText });

export const integer =
  (least: number, most: number, fallback: number, shape: Shape = {}) =>
  (name: string): Setting =>
    setting(z.int().min(least).max(most), fallback, name, shape);

export const fraction =
  (most: number, fallback: number, shape: Shape = {}) =>
  (name: string): Setting =>
    setting(z.number().min(0).max(most), fallback, name, shape);

export const choice =
  (values: readonly string[], fallback: string | undefined, shape: Shape = {}) =>
  (name: string): Setting =>
    setting(z.enum(values), fallback, name, shape);

export const toggle =
  (fallback: boolean, shape: Shape = {}) =>
  (name: string): Setting =>
    setting(z.boolean(), fallback, name, { toText: (on) => (on ? "on" : "off"), ...shape });

export const text =
  (form: RegExp, fallback: string, shape: Shape = {}) =>
  (name: string): Setting =>
    setting(z.string().regex(form), fallback, name, shape);

/** Gives each setting its name. */
export const named = (table: Readonly<Record<string, (name: string) => Setting>>): Settings =>
  Object.fromEntries(Object.entries(table).map(([name, build]) => [name, build(name)]));
