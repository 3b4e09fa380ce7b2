import type { Scope } from "./scope.ts";

/** Tags by which a resource at AWS tells where it belongs. */
export function environmentTags({ project, system, environment }: Scope): Record<string, string> {
  return { Project: project, System: system, Environment: environment };
}
