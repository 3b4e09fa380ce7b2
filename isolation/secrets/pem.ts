/** An armoured block: PEM, OpenSSH, PGP. */
export interface PemBlock {
  /** `PRIVATE KEY`, `CERTIFICATE`, … */
  readonly label: string;
  /** The body without headers and blanks. */
  readonly body: string;
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,64})-----([\s\S]*?)-----END \1-----/g;
/** `Proc-Type: 4,ENCRYPTED` and the like, and PGP's checksum. */
const NO_BODY = /^[\w-]+:.*$|^=.{4}$/gm;

const PUBLIC_LABEL = /CERTIFICATE|PUBLIC KEY|CRL|PARAMETERS|PKCS7|CMS|SIGNATURE|MESSAGE/;

/** Replaces every block of a text. */
export const replacePem = (text: string, replace: (block: PemBlock) => string): string =>
  text.includes("-----BEGIN ")
    ? text.replace(BLOCK, (_, label: string, content: string) =>
        replace({ label, body: content.replace(NO_BODY, "").replace(/\s+/g, "") }),
      )
    : text;

/** True for what everybody may have. */
export const isPublicBlock = ({ label }: PemBlock): boolean => PUBLIC_LABEL.test(label);
