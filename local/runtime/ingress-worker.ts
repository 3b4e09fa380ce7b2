/** Names the Worker that a request is for. Not a header of the vendor's, so nothing else sets it. */
export const WORKER_HEADER = "bulkhead-worker";
/** Marks an answer whose body is the stack of the exception that the Worker did not catch. */
export const EXCEPTION_HEADER = "bulkhead-exception";

/**
 * Hands requests to the account's Workers. Miniflare's own entry would answer an exception with its
 * stack, indistinguishable from an answer of the Worker.
 */
export const INGRESS_SCRIPT = `
export default {
  async fetch(request, env) {
    const headers = new Headers(request.headers);
    const worker = headers.get("${WORKER_HEADER}");
    headers.delete("${WORKER_HEADER}");
    try {
      return await env[worker].fetch(new Request(request, { headers }));
    } catch (error) {
      return new Response(String(error?.stack ?? error), {
        status: 500,
        headers: { "${EXCEPTION_HEADER}": "1" },
      });
    }
  },
};`;
