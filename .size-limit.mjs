/**
 * What each published entry point may weigh, minified and compressed: about a tenth above what it weighs today. Declared
 * dependencies stay outside, except where the name says so.
 */

const bundle = (name, limit, path, { only, withDependencies = false } = {}) => ({
  name,
  limit,
  path: `packages/${path}`,
  ...(only === undefined ? {} : { import: `{ ${only} }` }),
  modifyEsbuildConfig: (config) => ({
    ...config,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    target: 'node20.19',
    ...(withDependencies ? {} : { packages: 'external' }),
  }),
})

export default [
  bundle('@sfpool/core, KeyPool alone', '112 kB', 'core/dist/index.js', { only: 'KeyPool' }),
  bundle('@sfpool/core, KeyPool alone, with its dependencies', '245 kB', 'core/dist/index.js', {
    only: 'KeyPool',
    withDependencies: true,
  }),
  bundle('@sfpool/core', '119 kB', 'core/dist/index.js'),
  bundle('@sfpool/core/sse', '4.9 kB', 'core/dist/sse.js'),
  bundle('@sfpool/core/sqlite', '25.4 kB', 'core/dist/sqlite.js'),
  bundle('@sfpool/gateway', '18 kB', 'gateway/dist/index.js'),
  bundle('@sfpool/server-adapters/node', '2.2 kB', 'server-adapters/dist/node.js'),
  bundle('@sfpool/server-adapters/express', '2.05 kB', 'server-adapters/dist/express.js'),
  bundle('@sfpool/server-adapters/fastify', '2.4 kB', 'server-adapters/dist/fastify.js'),
  bundle('@sfpool/server-adapters/hono', '2.65 kB', 'server-adapters/dist/hono.js'),
  bundle('@sfpool/simulator', '44.6 kB', 'simulator/dist/index.js'),
  bundle('sfpool', '68 kB', 'cli/dist/bin.js'),
]
