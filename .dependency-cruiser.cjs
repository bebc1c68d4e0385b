/** The import table of docs/architecture.md, enforced: data flows one way through the folders. */
/** Tests and what only they use, beside the unit they test. */
const TEST = '((\\.test|\\.fixture|[/-]harness|[/-]fixtures?|-oracle)\\.ts$|/conformance/)';

const only = (from, allowed, extra = {}) => ({
  name: `${from}-imports`,
  comment: `${from}/ may import only: ${allowed.join(', ') || 'itself'}`,
  severity: 'error',
  from: { path: `^${from}/`, pathNot: TEST },
  to: { pathNot: [`^${from}/`, ...allowed], ...extra },
});

const npm = (...names) => names.map((name) => `^node_modules/${name}(/|$)`);

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    only('core', npm('zod', 'fastest-levenshtein')),
    only('pipelines', ['^core/', '^dashboards/index\\.ts$', '^(node:)?fs$']),
    only('dashboards', ['^core/', '^(node:)?fs$']),
    only('workflows', ['^core/', ...npm('@temporalio/workflow', '@temporalio/common')], {
      dependencyTypesNot: ['type-only'],
    }),
    only('activities', [
      '^core/',
      '^connectors/[^/]+/port\\.ts$',
      ...npm('@temporalio/activity', '@temporalio/common'),
      '^node:crypto$',
      '^crypto$',
    ]),
    only('profiles', ['^core/', '^connectors/', ...npm('zod', 'yaml'), '^node:', '^[a-z_/]+$']),
    {
      name: 'adapters-are-loaded-when-opened',
      comment: "vendors' clients take longer to load than most commands to run: import() them in the opener",
      severity: 'error',
      from: { path: '^profiles/', pathNot: TEST },
      to: {
        path: '^connectors/',
        pathNot: [
          '^connectors/secrets/',
          '^connectors/duckdb/extension\\.ts$',
          '^connectors/extractor/glue/unfit\\.ts$',
        ],
        dynamic: false,
        dependencyTypesNot: ['type-only'],
      },
    },
    only('operations', [
      '^core/',
      '^connectors/[^/]+/port\\.ts$',
      '^profiles/(open|profile)\\.ts$',
      '^workflows/',
      ...npm('@temporalio/client', '@temporalio/common'),
      '^node:',
      '^[a-z_/]+$',
    ]),
    only('web', [
      '^core/',
      '^dashboards/index\\.ts$',
      '^connectors/[^/]+/port\\.ts$',
      '^operations/',
      '^profiles/',
      '^pipelines/',
      '^workflows/',
      ...npm('hono', '@hono/node-server', '@temporalio/client', 'esbuild', 'pino', 'zod'),
      '^node:',
      '^[a-z_/]+$',
    ]),
    {
      name: 'web-scripts-run-in-a-browser',
      severity: 'error',
      from: { path: '^web/browser/' },
      to: { pathNot: '^web/browser/' },
    },
    only('seed', [
      '^core/',
      ...npm('pg', 'pg-copy-streams', 'mysql2', 'csv-parse', 'node-sqlite3-wasm'),
      '^node:',
      '^[a-z_/]+$',
    ]),
    only('connectors', ['^core/', '^node:', '^[a-z_/]+$', '^node_modules/(?!@temporalio)']),
    {
      name: 'connectors-keep-to-their-port',
      severity: 'error',
      from: { path: '^connectors/([^/]+)/', pathNot: TEST },
      to: {
        path: '^connectors/([^/]+)/',
        pathNot: [
          '^connectors/$1/',
          '^connectors/duckdb/',
          '^connectors/aws/',
          '^connectors/postgres/',
          '^connectors/process/',
          '^connectors/tls/',
          '^connectors/[^/]+/port\\.ts$',
        ],
      },
    },
    {
      name: 'adapters-stand-alone',
      comment:
        'what two adapters of a port share lies beside the port, or in connectors/{duckdb,aws,postgres,process,tls}',
      severity: 'error',
      from: { path: '^connectors/([^/]+)/([^/]+)/', pathNot: TEST },
      to: {
        path: '^connectors/[^/]+/[^/]+/',
        pathNot: '^connectors/$1/$2/',
      },
    },
    {
      name: 'conformance-knows-no-adapter',
      comment: 'a suite gets the adapter from the test that calls it',
      severity: 'error',
      from: { path: '^connectors/([^/]+)/conformance/', pathNot: '\\.test\\.ts$' },
      to: { path: '^connectors/$1/[^/]+/', pathNot: '^connectors/$1/conformance/' },
    },
    {
      name: 'cli-is-a-client',
      severity: 'error',
      from: { path: '^cli/' },
      to: { path: '^(activities|worker)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'infra-stands-alone',
      comment: 'infra-cdktf/ has packages of its own; its tests hold it to the application',
      severity: 'error',
      from: { path: '^infra-cdktf/.*\\.ts$', pathNot: ['^infra-cdktf/test/', TEST] },
      to: {
        path: '^(activities|aws-local|bench|cli|connectors|core|pipelines|profiles|seed|spark|test|worker|workflows)/',
      },
    },
    {
      name: 'infra-constructs-know-no-stack',
      severity: 'error',
      from: { path: '^infra-cdktf/(config|constructs|functions|names|contract)', pathNot: TEST },
      to: { path: '^infra-cdktf/(stacks|policy|terraform|test|app|main)' },
    },
    {
      name: 'infra-functions-are-bundled-alone',
      comment: 'what a function imports goes into its bundle',
      severity: 'error',
      from: { path: '^infra-cdktf/functions/', pathNot: TEST },
      to: { path: '^infra-cdktf/(?!functions/|node_modules/)' },
    },
    {
      name: 'infra-rules-are-not-deployed',
      severity: 'error',
      from: { path: '^infra-cdktf/(stacks|app|main)' },
      to: { path: '^infra-cdktf/(policy|terraform|test)/' },
    },
    {
      name: 'tests-are-not-product',
      severity: 'error',
      from: { pathNot: ['^(test|aws-local)/', '^infra-cdktf/test/', TEST] },
      to: { path: ['^test/', '^aws-local/'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^dist/', '(^|/)cdktf\\.out/', '^\\.tools/', '^\\.sluice/'] },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
