import * as pulumi from "@pulumi/pulumi";
import type { BindingSummary, WorkerBindable } from "./worker-bindings.ts";

/** A variable whose value is known only when resources are, such as a bucket's name. Everyone with access to the Worker can read it. */
export function plainText(value: pulumi.Output<string>): WorkerBindable {
  const summary = value.apply((text): BindingSummary => ({ type: "plain_text", text }));
  return { workerBinding: () => ({ api: { type: "plain_text", text: value }, summary }) };
}

/** A secret that a vendor has made, such as a connection URL. For a generated one give the Worker the Secret itself. */
export function secretText(value: pulumi.Output<string>): WorkerBindable {
  const text = pulumi.secret(value);
  const summary = pulumi
    .unsecret(text.apply(({ length }) => length))
    .apply((length): BindingSummary => ({ type: "secret_text", length, version: 1 }));
  return { workerBinding: () => ({ api: { type: "secret_text", text }, summary }) };
}
