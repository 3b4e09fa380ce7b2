import type { Kind } from "../finding.ts";

/** What a kind of finding is, for headings. */
export const KIND_TITLES: Readonly<Record<Kind, string>> = {
  changed: "A resource has other properties than recorded",
  deleted: "A recorded resource is gone at the vendor",
  unmanaged: "Something at the vendor is owned by no stack",
  orphaned: "Something that was made for this environment is owned by no stack",
  secret: "A secret's value was changed in place",
  code: "What runs is not what was built",
  schema: "A database's schema is not what its migrations make",
  access: "Somebody may do what was not declared",
  undeployed: "The program declares something else than what is deployed",
  isolation: "What is really there breaks a rule of the policy pack",
};
