/**
 * The floors of each package, the lowest first: a room imports rooms on lower floors only, never a neighbour on its
 * own floor, types included. A room is a folder of `src`, or a file that lies in `src` itself. The import rules, the
 * script that measures the import graph and the picture in docs/architecture.md are all made from this list.
 */
const core = [
  ['collections', 'mask', 'outcome', 'runtime', 'wire'],
  ['errors'],
  ['validation'],
  ['key-text', 'limit', 'strategy', 'transport', 'usage'],
  ['money'],
  ['history', 'key', 'price'],
  ['events', 'provider', 'store'],
  ['selection', 'sse', 'sqlite'],
  ['keyring'],
  ['billing', 'key-set', 'lease'],
  ['persistence', 'relay'],
  ['check', 'ownership', 'policy', 'stats'],
  ['pool-options', 'pool-relay'],
  ['wire-history'],
  ['wire-pool'],
  ['pool'],
  ['index'],
]

const gateway = [['http'], ['access', 'log'], ['routes'], ['options', 'proxy-route'], ['gateway'], ['index']]

const serverAdapters = [
  [
    'body-read-before',
    'body-read-by-hono',
    'connection-turns',
    'end-soon',
    'patched-response-sink',
    'target-below',
  ],
  ['node-exchange'],
  ['express', 'fastify', 'hono', 'node'],
]

module.exports = { core, gateway, 'server-adapters': serverAdapters }
