/** The import directions of docs/architecture.md, enforced. */
const core = '^packages/core/src'
const layer = (name, from, to, comment) => ({ name, comment, severity: 'error', from, to })

module.exports = {
  forbidden: [
    layer(
      'no-cycles',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
      'Modules form a directed tree.',
    ),
    layer(
      'core-knows-no-server',
      { path: core, pathNot: '(\\.test\\.ts$|/testing/)' },
      { path: '^packages/(gateway|server-adapters|cli|simulator)/' },
      'core is the bottom of the house; only its tests use the simulator',
    ),
    layer(
      'gateway-below-adapters',
      { path: '^packages/gateway/' },
      { path: '^packages/(server-adapters|cli)/' },
      'cli -> server-adapters -> gateway -> core',
    ),
    layer(
      'adapters-below-cli',
      { path: '^packages/server-adapters/' },
      { path: '^packages/cli/' },
      'cli -> server-adapters -> gateway -> core',
    ),
    layer(
      'simulator-stands-alone',
      { path: '^packages/simulator/src', pathNot: '\\.test\\.ts$' },
      { path: '^packages/(core|gateway|server-adapters|cli)/' },
      'the simulator judges the others, so it shares no code with them',
    ),
    layer(
      'pure-stays-pure',
      { path: `${core}/(key|limit|strategy|provider|money|price)/`, pathNot: '\\.test\\.ts$' },
      {
        path: `${core}/(relay|transport|sse|balance|store|pool|keyring|lease)`,
        dependencyTypesNot: ['type-only'],
      },
      'pure parts import only errors, runtime types and each other',
    ),
    layer(
      'relay-never-imports-the-pool',
      { path: `${core}/(relay|transport|sse|usage|balance|store)/`, pathNot: '\\.test\\.ts$' },
      { path: `${core}/(pool|keyring|lease|persistence)\\.ts$`, dependencyTypesNot: ['type-only'] },
      'failover is handed acquire and attempt',
    ),
    layer(
      'no-test-in-product',
      { pathNot: '(\\.test(-d)?\\.ts$|/testing/|^tests/)' },
      { path: '(\\.test\\.ts$|/testing/)' },
      'test code stays in tests',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      conditionNames: ['import', 'types', 'default'],
    },
  },
}
