import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { missingPlatformPackages, platformOf } from "../../tools/lockfile/platform-packages.mjs";

const NESTED = "node_modules/miniflare/node_modules/workerd";

test("packages of other platforms that a mirror lacks are added in their parent's folder", () => {
  const packages = {
    "node_modules/@x/workerd-linux-64": { version: "2.0.0" },
    "node_modules/@x/workerd-darwin-64": { version: "1.0.0" },
    "node_modules/workerd": {
      dev: true,
      optionalDependencies: { "@x/workerd-linux-64": "2.0.0", "@x/workerd-darwin-64": "2.0.0" },
    },
    [NESTED]: {
      optionalDependencies: { "@x/workerd-darwin-64": "1.0.0", "@x/workerd-windows-64": "1.0.0" },
    },
  };
  expect(missingPlatformPackages(packages)).toEqual({
    "node_modules/workerd/node_modules/@x/workerd-darwin-64": {
      version: "2.0.0",
      os: ["darwin"],
      cpu: ["x64"],
      dev: true,
      optional: true,
    },
    [`${NESTED}/node_modules/@x/workerd-windows-64`]: {
      version: "1.0.0",
      os: ["win32"],
      cpu: ["x64"],
      optional: true,
    },
  });
});

test("optional packages that belong to no platform, or have a range, are left to npm", () => {
  const optionalDependencies = { fsevents: "~2.3.2", bufferutil: "4.0.1" };
  expect(missingPlatformPackages({ "node_modules/a": { optionalDependencies } })).toEqual({});
});

test.each([
  ["@biomejs/cli-linux-x64-musl", { os: ["linux"], cpu: ["x64"], libc: ["musl"] }],
  ["@oxc-parser/binding-linux-arm-gnueabihf", { os: ["linux"], cpu: ["arm"], libc: ["glibc"] }],
  ["@oxc-parser/binding-win32-ia32-msvc", { os: ["win32"], cpu: ["ia32"] }],
  ["@cloudflare/workerd-darwin-arm64", { os: ["darwin"], cpu: ["arm64"] }],
])("the platform of %s is read from its name", (name, platform) => {
  expect(platformOf(name)).toEqual(platform);
});

test("this project's lock file has every platform's packages, so that `npm ci` accepts it", () => {
  const file = new URL("../../package-lock.json", import.meta.url);
  const { packages } = JSON.parse(readFileSync(file, "utf8"));
  expect(
    Object.keys(missingPlatformPackages(packages)),
    "run `node tools/complete-lockfile.mjs`",
  ).toEqual([]);
});
