import type { AwsError } from "./errors.ts";
import type { Protocol } from "./query.ts";
import type { Shape, StructureShape } from "./shapes.ts";

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** What is told about an exchange beside its content. */
export interface AnswerFrame {
  readonly protocol: Protocol;
  readonly action: string;
  readonly namespace: string;
  readonly requestId: string;
}

/** An operation's answer. Throws when `output` has what the operation's shape does not. */
export function answerDocument(frame: AnswerFrame, shape: StructureShape, output: object): string {
  const { action, namespace, requestId } = frame;
  const content = structure(shape, output, action);
  const id = element("RequestId", escapeXml(requestId));
  const inner =
    frame.protocol === "ec2"
      ? element("requestId", escapeXml(requestId)) + content
      : element(`${action}Result`, content) + element("ResponseMetadata", id);
  return `${DECLARATION}<${action}Response xmlns="${escapeXml(namespace)}">${inner}</${action}Response>`;
}

/** A refusal. */
export function errorDocument(
  { protocol, namespace, requestId }: Omit<AnswerFrame, "action">,
  { code, message, status }: AwsError,
): string {
  const what = element("Code", escapeXml(code)) + element("Message", escapeXml(message));
  if (protocol === "ec2") {
    const errors = element("Errors", element("Error", what));
    return DECLARATION + element("Response", errors + element("RequestID", escapeXml(requestId)));
  }
  const type = element("Type", status < 500 ? "Sender" : "Receiver");
  const inner = element("Error", type + what) + element("RequestId", escapeXml(requestId));
  return `${DECLARATION}<ErrorResponse xmlns="${escapeXml(namespace)}">${inner}</ErrorResponse>`;
}

function structure(shape: StructureShape, value: object, path: string): string {
  const values = new Map(Object.entries(value));
  let content = "";
  for (const { name, element: tag, shape: inner } of shape.members()) {
    const member: unknown = values.get(name);
    values.delete(name);
    if (member === undefined || member === null) continue;
    content += element(tag, write(inner, member, `${path}.${name}`));
  }
  const [unknown] = values.keys();
  if (unknown !== undefined) throw new Error(`The answer has no ${path}.${unknown}.`);
  return content;
}

function write(shape: Shape, value: unknown, path: string): string {
  if (shape.kind === "structure") return structure(shape, value as object, path);
  if (shape.kind === "list") {
    const items = value as readonly unknown[];
    return items.map((item) => element(shape.itemName, write(shape.item, item, path))).join("");
  }
  return escapeXml(value instanceof Date ? value.toISOString() : String(value));
}

const element = (name: string, content: string): string => `<${name}>${content}</${name}>`;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** Of characters that XML cannot carry at all, nothing is left. */
function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML 1.0 forbids.
  const allowed = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "");
  return allowed.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? "");
}
