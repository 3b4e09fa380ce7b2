import { XMLBuilder, XMLParser, XMLValidator } from "fast-xml-parser";

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';

/** Text of an element as it stands (keys may begin with spaces or look like numbers), or its children. */
export type XmlNode = string | { readonly [name: string]: XmlNode | readonly XmlNode[] };

/** Attributes begin with this; all else are elements. */
const ATTRIBUTE = "@_";

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: ATTRIBUTE });
const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
});

/** An S3 document. */
export function xmlDocument(root: string, content: object): string {
  return print({ [root]: { [`${ATTRIBUTE}xmlns`]: NAMESPACE, ...content } });
}

/** An S3 error's document; it has no namespace. */
export function xmlError(code: string, message: string, details: object = {}): string {
  return print({ Error: { Code: code, Message: message, ...details } });
}

/** Line ends and the like, which keys may hold, would be lost as they are. */
const print = (content: object): string =>
  DECLARATION +
  builder
    .build(content)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to write as references
    .replace(/[\u0001-\u001f\u007f]/g, (text: string) => `&#x${text.charCodeAt(0).toString(16)};`);

/** The content of the root element `root`, or undefined when the text is no such document. */
export function parseXml(text: string, root: string): XmlNode | undefined {
  if (XMLValidator.validate(text) !== true) return undefined;
  const document: XmlNode = parser.parse(text);
  return child(document, root);
}

function child(node: XmlNode | undefined, name: string): XmlNode | undefined {
  return children(node, name)[0];
}

export function children(node: XmlNode | undefined, name: string): readonly XmlNode[] {
  if (node === undefined || typeof node === "string") return [];
  const value = node[name];
  if (value === undefined) return [];
  return isList(value) ? value : [value];
}

/** The text of the named child, or undefined when it is absent or has children of its own. */
export function childText(node: XmlNode | undefined, name: string): string | undefined {
  const value = child(node, name);
  return typeof value === "string" ? value : undefined;
}

export const texts = (node: XmlNode | undefined, name: string): string[] =>
  children(node, name).filter((value) => typeof value === "string");

const isList = (value: XmlNode | readonly XmlNode[]): value is readonly XmlNode[] =>
  Array.isArray(value);
