import type { Segment } from "./blobs.ts";
import type { CannedAcl } from "./settings.ts";
import type { Tag } from "./tags.ts";

/** A checksum as it is told: of all bytes, or of the parts' checksums with `-<number of parts>`. */
export interface StoredChecksum {
  /** `x-amz-checksum-crc32`, … */
  readonly header: string;
  /** Base64. */
  readonly value: string;
  readonly type: "FULL_OBJECT" | "COMPOSITE";
}

/** What is kept of an object besides its bytes. */
export interface ObjectFacts {
  /** Answered with the object: `content-type`, `x-amz-meta-…` */
  readonly headers: Readonly<Record<string, string>>;
  readonly acl: CannedAcl;
  readonly tags: readonly Tag[];
  readonly checksum?: StoredChecksum;
}

/** The bytes, in order; an object that was uploaded in parts keeps them. */
export interface StoredContent extends ObjectFacts {
  readonly segments: readonly Segment[];
}

/** A version of an object, or a delete marker, which has no content. */
export interface ObjectVersion {
  readonly bucket: string;
  readonly key: string;
  /** `null` for what was put while versioning was not enabled. */
  readonly version: string;
  /** The newest version of a key has the highest. */
  readonly sequence: number;
  readonly isLatest: boolean;
  readonly isMarker: boolean;
  /** Milliseconds since 1970. */
  readonly modified: number;
  readonly size: number;
  /** Without quotes; empty for a marker. */
  readonly etag: string;
  readonly content: StoredContent;
}

/** What lists tell of a version. */
export type ListedVersion = Omit<ObjectVersion, "content" | "bucket">;

export type NewVersion = Pick<
  ObjectVersion,
  "bucket" | "key" | "version" | "isMarker" | "modified" | "size" | "etag" | "content"
>;

/** An upload in parts that is neither completed nor aborted. */
export interface Upload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiated: number;
  readonly facts: ObjectFacts;
  /** Which checksum the whole object is to have. */
  readonly checksum?: Pick<StoredChecksum, "header" | "type">;
}

export interface Part {
  readonly upload: string;
  readonly number: number;
  readonly etag: string;
  readonly size: number;
  readonly modified: number;
  readonly segments: readonly Segment[];
  readonly checksum?: Pick<StoredChecksum, "header" | "value">;
}
