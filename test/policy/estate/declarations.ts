/** What the systems of the base estate are declared with. */
import type { FactValue } from "../../../isolation/facts.ts";
import { add, type StackSpec } from "./spec.ts";

/** What Cloudflare's own provider manages. */
export const CLOUDFLARE = { provider: "cloudflare" };

/** One system of a stack. */
export function declareScope(spec: StackSpec, system: string): void {
  add(spec, {
    key: system,
    type: "bulkhead:index:Scope",
    name: system,
    custom: false,
    answer: { environment: spec.stack, project: spec.project, system, tier: spec.tier },
  });
}

/** A component, which groups others. */
export function component(
  spec: StackSpec,
  key: string,
  kind: string,
  name: string,
  parent: string,
  answer: Record<string, FactValue> = {},
): void {
  add(spec, { key, type: `bulkhead:index:${kind}`, name, custom: false, parent, answer });
}

/** What every environment runs is the same, and speaks of passwords without holding one. */
export const SOURCE = `
  const INVALID = "Invalid email or password";
  const DOCS = "https://www.rfc-editor.org/rfc/rfc7519";
  export default { async fetch(request, env) {
    const password = (await request.json()).password;
    const token = request.headers.get("authorization")?.replace("Bearer ", "");
    if (!password && !token) return new Response(INVALID, { status: 401 });
    return Response.json({ environment: env.ENVIRONMENT, docs: DOCS });
  } };
`;
