import type { Command } from "commander";
import type { CliContext } from "../context.ts";

/** A verb of the command line: it declares its arguments and does its work. */
export type Verb = (program: Command, context: CliContext) => void;
