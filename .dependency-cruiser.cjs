// The layers of docs/architecture.md, as rules. `npm run check:layers` enforces them.

/** Code that other layers may not reach into, and who may. */
const forbid = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

module.exports = {
  forbidden: [
    forbid(
      "no-cycles",
      "Two modules that need each other are one, or hide a third.",
      {},
      { circular: true },
    ),
    forbid(
      "components-stand-alone",
      "The program is the same on both clouds, so its parts know neither the local cloud nor the command line.",
      { path: "^components/" },
      { path: "^(local|cli|systems|tools)/" },
    ),
    forbid(
      "systems-use-components",
      "A system is declared in terms of components only.",
      { path: "^systems/[^/]+\\.ts$" },
      { path: "^(local|cli|providers|tools)/" },
    ),
    forbid(
      "workers-stand-alone",
      "A Worker runs at the vendor: it may use its own sources, what Workers share, and packages.",
      { path: "^systems/[^/]+/worker/" },
      { path: "^(components|local|cli|providers|tools)/|^systems/[^/]+\\.ts$" },
    ),
    forbid(
      "local-cloud-knows-no-user",
      "The local cloud speaks the vendor's API; what uses it is not its business.",
      { path: "^local/(?!providers/)" },
      { path: "^(cli|components|systems|providers|tools)/|^index\\.ts$" },
    ),
    forbid(
      "local-plugins-use-the-api",
      "The local plugins reach the local cloud over its API, as the official ones reach the vendor.",
      { path: "^local/providers/" },
      { path: "^(cli|components|systems|tools)/|^local/(?!providers/)" },
    ),
    forbid(
      "providers-run-on-both-clouds",
      "The shared provider code must not depend on the local cloud.",
      { path: "^providers/" },
      { path: "^(local|cli|components|systems|tools)/" },
    ),
    forbid(
      "isolation-is-pure",
      "Facts in, verdicts out: no I/O, no Pulumi, no other layer.",
      { path: "^isolation/" },
      {
        path: "^(?!isolation/)",
        pathNot: "^node_modules/zod/|^(node:)?(crypto|buffer|net|url|util)$",
      },
    ),
    forbid(
      "rules-are-pure",
      "A rule is a function of facts, so that it decides alike in a preview, an update and a check.",
      { path: "^policy/rules/" },
      { path: "^(?!policy/|isolation/|components/(tier|naming)\\.ts$)|^policy/(engine|siblings)/" },
    ),
    forbid(
      "policies-run-anywhere",
      "The pack judges every program alike, so it knows neither this one nor its command line.",
      { path: "^policy/" },
      {
        path: "^(cli|local|systems|tools)/|^components/(?!(tier|naming|input-error)\\.ts$)|^index\\.ts$",
      },
    ),
    forbid(
      "drift-knows-both-clouds",
      "It asks Pulumi and the vendors' APIs, wherever they are, and is started by the command line.",
      { path: "^drift/" },
      {
        path: "^(cli|local|systems|tools)/|^components/(?!(tier|naming|input-error)\\.ts$)|^index\\.ts$",
      },
    ),
    forbid(
      "nothing-uses-tests",
      "Tests and benchmarks are leaves.",
      { pathNot: "^(test|bench)/" },
      { path: "^(test|bench)/" },
    ),
    forbid(
      "bootstrap-has-no-dependency",
      "It runs before the packages are installed.",
      { path: "^tools/bootstrap" },
      { pathNot: "^tools/bootstrap", dependencyTypesNot: ["core"] },
    ),
    forbid(
      "resolvable",
      "An import that resolves to nothing fails at run time.",
      {},
      { couldNotResolve: true },
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(node_modules|\\.bulkhead|docs)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "node", "default"],
    },
  },
};
