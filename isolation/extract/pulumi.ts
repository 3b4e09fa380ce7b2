import { arnAccount, findArns } from "../identity/arn.ts";
import type { Identity } from "../observation.ts";
import type { Identify, Vendor } from "./table.ts";

/** The stack that `project/stack` or `organization/project/stack` names. */
export function stackIdentity(name: string): Identity {
  return `stack:${name.split("/").slice(-2).join("/")}`;
}

/** A bare name means the project of the stack that refers. */
const referredStack: Identify = (name, { resource }) => {
  const project = resource.urn.split("::")[1];
  return stackIdentity(name.includes("/") ? name : `${project}/${name}`);
};

/** The account of the role that a provider takes on; the engine writes a provider's inputs as JSON. */
const roleAccount: Identify = (text) => {
  const [arn] = findArns(text);
  return arn === undefined ? undefined : arnAccount(arn);
};

/** What the engine itself manages: providers, and references to stacks. */
export const PULUMI: Vendor = {
  every: { claims: [] },
  types: {
    "providers:aws": {
      references: [
        { at: "assumeRole", as: roleAccount, kind: "account" },
        { at: "assumeRoles", as: roleAccount, kind: "account" },
      ],
    },
    "pulumi:StackReference": {
      references: [{ at: "name", as: referredStack, kind: "stack-reference" }],
      // Another stack's outputs name all that it owns. What is used of it stands where it is used.
      ignore: ["outputs"],
    },
  },
};
