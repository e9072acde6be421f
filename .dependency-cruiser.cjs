/** The import directions of docs/architecture.md, enforced; type imports count. */
const floors = require('./architecture/floors.cjs')

const core = '^packages/core/src'
const isTest = '(\\.test(-d)?\\.ts$|/testing/)'
const rule = (name, from, to, comment) => ({ name, comment, severity: 'error', from, to })

/** A room is a folder of `src`, or a file that lies in it. */
const at = (name, rooms) => `^packages/${name}/src/(${rooms.join('|')})(/|\\.ts$)`

/** A room imports rooms on lower floors only, never a neighbour. */
const floorRules = ([name, levels]) => [
  ...levels.flatMap((rooms, level) =>
    rooms.map((room) =>
      rule(
        `${name}-floor-${level + 1}-${room}`,
        { path: at(name, [room]), pathNot: isTest },
        { path: at(name, [...rooms.filter((other) => other !== room), ...levels.slice(level + 1).flat()]) },
        `${room} stands on floor ${level + 1} of ${name} and imports lower floors only: see architecture/floors.cjs`,
      ),
    ),
  ),
  rule(
    `${name}-room-without-floor`,
    {
      path: `^packages/${name}/src/`,
      pathNot: [isTest, `^packages/${name}/src/testing/`, at(name, levels.flat())],
    },
    {},
    'every room stands on a floor of architecture/floors.cjs',
  ),
  rule(
    `${name}-import-from-room-without-floor`,
    {},
    {
      path: `^packages/${name}/src/`,
      pathNot: [isTest, `^packages/${name}/src/testing/`, at(name, levels.flat())],
    },
    'every room stands on a floor of architecture/floors.cjs',
  ),
]

module.exports = {
  forbidden: [
    rule('no-cycles', {}, { circular: true }, 'Modules form a directed tree.'),
    ...Object.entries(floors).flatMap(floorRules),
    rule(
      'core-knows-no-server',
      { path: core, pathNot: isTest },
      { path: '^packages/(gateway|server-adapters|cli|simulator)/' },
      'core is the bottom of the house; only its tests use the simulator',
    ),
    rule(
      'gateway-below-adapters',
      { path: '^packages/gateway/' },
      { path: '^packages/(server-adapters|cli)/' },
      'cli -> server-adapters -> gateway -> core',
    ),
    rule(
      'adapters-below-cli',
      { path: '^packages/server-adapters/' },
      { path: '^packages/cli/' },
      'cli -> server-adapters -> gateway -> core',
    ),
    rule(
      'simulator-stands-alone',
      { path: '^packages/simulator/src', pathNot: '\\.test\\.ts$' },
      { path: '^packages/(core|gateway|server-adapters|cli)/' },
      'the simulator judges the others, so it shares no code with them',
    ),
    rule(
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
