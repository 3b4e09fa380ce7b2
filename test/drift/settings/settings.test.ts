import { describe, expect, it } from "vitest";
import { parseDriftSettings, readDriftSettings } from "../../../drift/settings.ts";
import { withAcknowledgements } from "../../../drift/settings-edit.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const TODAY = "2026-01-01";
const parse = (text: string) => parseDriftSettings(text, "drift.yaml", TODAY);
const ENTRY = "finding: aaaaaaaaaaaa, stack: staging, owner: jane, reason: known";
const WEBHOOK = "webhook: {urlVariable: HOOK}";
const entry = {
  finding: "a".repeat(12),
  stack: "staging",
  owner: "jane@example.com",
  reason: "known: see #12",
  expires: "2026-03-31",
};

describe("drift.yaml", () => {
  it("may be missing, or empty", () => {
    expect(readDriftSettings(`${temporaryFolder()}/drift.yaml`, TODAY)).toEqual({
      acknowledged: [],
      notify: [],
    });
    expect(parse("# nothing yet\nacknowledged:\n")).toEqual({ acknowledged: [], notify: [] });
  });

  it("says whom to tell by which variables, and keeps an expired acknowledgement", () => {
    const settings = parse(`
      acknowledged: [{ ${ENTRY}, expires: 2025-12-31 }]
      notify:
        - { name: chat, ${WEBHOOK}, on: [new], grade: high, stacks: [production] }
        - { name: mail, email: { serverVariable: SMTP_URL, from: a@b.example, to: [c@d.example] } }
        - { name: issue, github: { repository: owner/name, tokenVariable: TOKEN } }
    `);
    expect(settings.acknowledged).toHaveLength(1);
    expect(settings.notify).toMatchObject([
      { name: "chat", grade: "high", webhook: { format: "slack" } },
      { name: "mail", grade: "low" },
      { name: "issue", github: { api: "https://api.github.com", label: "drift" } },
    ]);
  });

  it.each([
    ["acknowledge: []", "unknown key acknowledge. Use acknowledged, notify."],
    ["a: *b", "has an alias that cannot be resolved"],
    ["a: [", "is not YAML"],
    ["acknowledged: [{finding: 123456789012}]", "acknowledged[0].finding is no text; quote it."],
    ["acknowledged: [{finding: xyz}]", "acknowledged[0].finding is not twelve hexadecimal digits."],
    ["acknowledged: [{finding: aaaaaaaaaaaa}]", "acknowledged[0].stack is missing."],
    [`acknowledged: [{${ENTRY}}]`, "acknowledged[0].expires is missing."],
    [`acknowledged: [{${ENTRY}, expires: 2026-02-30}]`, "which is no date like 2026-03-31"],
    [`acknowledged: [{${ENTRY}, expires: 2027-02-01}]`, "more than a year ahead"],
    [
      `acknowledged: [{${ENTRY}, expires: 2026-02-01, by: me}]`,
      "unknown key by in acknowledged[0]",
    ],
    ["notify: [{name: a}]", "notify[0] needs one of webhook, email, github."],
    [`notify: [{name: a, ${WEBHOOK}},{name: a, ${WEBHOOK}}]`, 'notify[1].name is "a", as another'],
    [`notify: [{name: a, ${WEBHOOK}, on: [always]}]`, "is none of new, recovery, incomplete."],
    [`notify: [{name: a, ${WEBHOOK}, grade: bad}]`, "is none of critical, high, medium, low."],
    ["notify: [{name: a, webhook: {urlVariable: X, url: Y}}]", "Use urlVariable, format."],
    [
      "notify: [{name: a, github: {repository: o/n, tokenVariable: T}, on: [new]}]",
      "its issue follows the findings",
    ],
  ])("%s is refused with its place and a remedy", (text, message) => {
    expect(() => parse(text)).toThrow(message);
    expect(() => parse(text)).toThrow(/\. \S.*\.$/);
  });

  it("refuses a secret in the place of its variable's name, and does not repeat it", () => {
    const secret = "https://hooks.example.com/services/T0/B0/verysecret";
    const refused = () => parse(`notify: [{name: a, webhook: {urlVariable: "${secret}"}}]`);
    expect(refused).toThrow("notify[0].webhook.urlVariable is not the name of an environment");
    expect(refused).not.toThrow("verysecret");
  });
});

describe("an acknowledgement that is written", () => {
  const write = (content: string, ...entries: (typeof entry)[]) =>
    withAcknowledgements(content, entries, "drift.yaml", TODAY);

  it("makes the file where there is none", () => {
    const text = write("", entry);
    expect(text).toMatch(/^# /);
    expect(parse(text).acknowledged).toEqual([entry]);
  });

  it("leaves comments and all else as they were", () => {
    const before = `# ours\nnotify:\n  # the chat\n  - name: chat # loud\n    ${WEBHOOK}\n`;
    const text = write(before, entry, { ...entry, finding: "012345678912" });
    for (const comment of ["# ours", "# the chat", "# loud"]) expect(text).toContain(comment);
    expect(parse(text).acknowledged.map(({ finding }) => finding)).toEqual([
      entry.finding,
      "012345678912",
    ]);
    expect(parse(text).notify).toHaveLength(1);
  });

  it("of the same finding is renewed in its place", () => {
    const text = write(write("", entry).replace("stack: staging", "stack: staging # ticket 7"), {
      ...entry,
      owner: "joe@example.com",
      expires: "2026-06-30",
    });
    expect(text).toContain("# ticket 7");
    expect(parse(text).acknowledged).toEqual([
      { ...entry, owner: "joe@example.com", expires: "2026-06-30" },
    ]);
  });

  it("does not touch a file that is wrong", () => {
    expect(() => write("acknowledged: {}", entry)).toThrow("acknowledged is no array");
  });
});
