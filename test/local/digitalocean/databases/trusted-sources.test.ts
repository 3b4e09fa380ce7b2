import { describe, expect, it } from "vitest";
import {
  accessRules,
  letsIn,
  toRules,
} from "../../../../local/digitalocean/databases/trusted-sources.ts";

const address = (value: string) => ({ type: "ip_addr" as const, value });

describe("trusted sources", () => {
  it("let everyone in as long as there is none", () => {
    expect(letsIn([], "127.0.0.9")).toBe(true);
    expect(accessRules([]).map(({ address: range }) => range)).toEqual(["0.0.0.0/0", "::/0"]);
  });

  it("let in what they name, the own machine and the local cloud's servers, and nobody else", () => {
    const rules = toRules([address("10.1.0.0/16"), address("127.0.0.9")], []);
    const asked = ["10.1.2.3", "10.2.0.1", "127.0.0.9", "127.0.0.8", "127.0.0.1", "127.64.0.1"];
    expect(asked.map((client) => letsIn(rules, client))).toEqual([
      ...[true, false, true, false, true, true],
    ]);
    expect(accessRules(rules).map(({ address: range }) => range)).toEqual([
      ...["127.0.0.1/32", "127.64.0.0/10", "10.1.0.0/16", "127.0.0.9/32"],
    ]);
  });

  it("keep id and time when they are sent again", () => {
    const first = toRules([address("10.0.0.1")], []);
    const again = toRules([address("10.0.0.2"), address("10.0.0.1")], first);
    expect(again[1]).toEqual(first[0]);
    expect(again[0]?.uuid).not.toBe(first[0]?.uuid);
  });

  it("take a resource of each kind by what it is named by, and refuse anything else", () => {
    const uuid = "ff2a6c52-5a44-4b63-b99c-0e98e7a63d61";
    const good = [
      { type: "droplet", value: "163973392" },
      { type: "k8s", value: uuid },
      { type: "app", value: uuid },
      { type: "tag", value: "web" },
    ] as const;
    expect(toRules(good, []).map(({ type }) => type)).toEqual(["droplet", "k8s", "app", "tag"]);
    const bad = [
      ...[address("fd00::1"), address("10.0.0.1/33"), address("10.0.0"), address("web")],
      { type: "droplet", value: "web-1" } as const,
      { type: "k8s", value: "cluster" } as const,
      { type: "tag", value: "two words" } as const,
    ];
    for (const rule of bad) {
      expect(() => toRules([rule], []), JSON.stringify(rule)).toThrow(/is not a/);
    }
  });

  it("are at most a hundred", () => {
    const many = Array.from({ length: 101 }, (_, index) => address(`10.0.0.${index}`));
    expect(toRules(many.slice(1), [])).toHaveLength(100);
    expect(() => toRules(many, [])).toThrow("at most 100");
  });
});
