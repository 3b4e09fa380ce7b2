/** What Pulumi binds to the cutty files Worker. */
export interface Bindings {
  /** D1 database with the schema of ../migrations. */
  readonly DB: D1Database;
  /** The R2 bucket that holds the files' contents. */
  readonly FILES: R2Bucket;
  /** Name of the environment, for example `staging`. */
  readonly ENVIRONMENT: string;
  /** Bytes, as a decimal text: the most that one request may carry. */
  readonly MAX_UPLOAD_BYTES: string;
  /** `open` where anyone may sign up; anything else closes it. */
  readonly SIGN_UP?: string;
}

export interface AppEnv {
  Bindings: Bindings;
  Variables: {
    /** The caller, once authenticated. */
    userId: string;
    /** The file that the request turned out to concern; the access log names it. */
    fileId?: string;
    /** Bytes of file content that the request moved. */
    bytes?: number;
  };
}
