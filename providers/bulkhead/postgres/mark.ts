/**
 * Whose a database or role is. PostgreSQL keeps it as the COMMENT on the thing, so that whatever
 * happens to a stack's state, nobody takes over what another has made. Pure.
 */
import { createHash } from "node:crypto";
import { escapeIdentifier, escapeLiteral } from "pg";
import { VendorFault } from "../../sdk/fault.ts";

/** A database or role that the server has. */
export interface Thing {
  readonly kind: "database" | "role";
  readonly name: string;
  readonly comment: string | undefined;
}

/** Who asks for things. */
export interface Claim {
  /** What the resource writes on all that it makes. */
  readonly mark: string;
  /** What it wrote at its last change, before it was renamed perhaps. */
  readonly before?: string | undefined;
  /** Things that the state says it has made, with or without a mark. */
  readonly recorded: ReadonlySet<string>;
}

const MARK = /^Made by Pulumi: (.+), database "[^"]*"$/;

/** The mark of one resource and database: project, stack and name, for example `shop/staging/orders`. */
export function markFor(urn: string, database: string): string {
  const [head = "", project = "", , ...name] = urn.split("::");
  const stack = head.slice("urn:pulumi:".length);
  return `Made by Pulumi: ${project}/${stack}/${name.join("::")}, database "${database}"`;
}

/** Statement that puts the mark on a thing. */
export const markStatement = (kind: Thing["kind"], name: string, mark: string): string =>
  `COMMENT ON ${kind.toUpperCase()} ${escapeIdentifier(name)} IS ${escapeLiteral(mark)}`;

/** Name under which a database is made until it carries its mark: the same at each attempt. */
export const draftName = (mark: string): string =>
  `bulkhead_${createHash("sha256").update(mark).digest("hex").slice(0, 16)}`;

/** Names a thing for {@link Claim.recorded}. */
export const thingId = ({ kind, name }: Pick<Thing, "kind" | "name">): string => `${kind} ${name}`;

const ownerOf = (mark: string | undefined): string | undefined => MARK.exec(mark ?? "")?.[1];

/** Whether the thing still carries the very mark of the resource, or none, as before there were marks. */
export const isStillMarked = ({ comment }: Thing, mark: string): boolean =>
  ownerOf(comment) === undefined || comment === mark;

/**
 * Refuses what a resource would make or take into use and what is another's.
 *
 * @param makes whether the resource is to make the thing; else a vendor or another resource has.
 * @throws VendorFault naming the thing, whose it is, and what to do.
 */
export function refuseForeign(
  things: readonly Thing[],
  { mark, before, recorded }: Claim,
  makes: (thing: Thing) => boolean,
): void {
  for (const thing of things) {
    const owner = ownerOf(thing.comment);
    if (makes(thing) ? isOwn(thing, owner) : owner === undefined || isSameStack(owner, mark))
      continue;
    const whose =
      owner === undefined
        ? "nobody has marked as Pulumi's"
        : `belongs to the Pulumi resource ${owner}`;
    throw new VendorFault(
      "refused",
      `The server has a ${thing.kind} "${thing.name}" already, which ${whose}`,
      {
        remedy:
          `Choose another name, or, if it shall be this resource's from now on, run as its owner: ` +
          `${markStatement(thing.kind, thing.name, mark)};`,
      },
    );
  }

  function isOwn(thing: Thing, owner: string | undefined): boolean {
    if (owner === undefined) return recorded.has(thingId(thing));
    return owner === ownerOf(mark) || (recorded.has(thingId(thing)) && thing.comment === before);
  }
}

/** Resources of one stack may use each other's things. */
const isSameStack = (owner: string, mark: string): boolean =>
  stackOf(owner) === stackOf(ownerOf(mark) ?? "");

const stackOf = (owner: string): string => owner.split("/").slice(0, 2).join("/");
