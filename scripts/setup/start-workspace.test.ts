import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { packages } from './build-packages.mjs'
import { partOf } from './start-workspace.mjs'

/** A lock file in which every package has the entries of `cli`, or none. */
const lockOf = (entries: Record<string, object>): Record<string, Record<string, unknown>> => ({
  'node_modules/esbuild': { version: '1.0.0', dev: true },
  ...Object.fromEntries(packages.map((name) => [`packages/${name}`, {}])),
  ...entries,
})

const placesOf = (entries: Record<string, object>): string[] =>
  Object.keys(partOf(lockOf(entries))).toSorted()

it('npm start installs what the packages need, what that needs, and the builder', () => {
  const places = placesOf({
    'packages/cli': { dependencies: { direct: '1' }, devDependencies: { tester: '1' } },
    'node_modules/direct': { dependencies: { indirect: '1' }, optionalDependencies: { native: '1' } },
    'node_modules/indirect': {},
    'node_modules/native': { optional: true, os: ['linux'] },
    'node_modules/tester': { dev: true },
    'node_modules/unrelated': {},
  })
  expect(places).toEqual([
    'node_modules/direct',
    'node_modules/esbuild',
    'node_modules/indirect',
    'node_modules/native',
  ])
})

it('npm start installs the version that lies nearest to the package that imports it', () => {
  const places = placesOf({
    'packages/cli': { dependencies: { direct: '1', other: '1' } },
    'packages/cli/node_modules/direct': { dependencies: { other: '2' } },
    'packages/cli/node_modules/direct/node_modules/other': {},
    'node_modules/direct': {},
    'node_modules/other': {},
  })
  expect(places).toEqual([
    'node_modules/esbuild',
    'node_modules/other',
    'packages/cli/node_modules/direct',
    'packages/cli/node_modules/direct/node_modules/other',
  ])
})

it('npm start installs a peer that must be there, and none that may be missing', () => {
  const places = placesOf({
    'packages/cli': { dependencies: { direct: '1' } },
    'node_modules/direct': {
      peerDependencies: { needed: '1', welcome: '1' },
      peerDependenciesMeta: { welcome: { optional: true } },
    },
    'node_modules/needed': { peer: true },
    'node_modules/welcome': {},
  })
  expect(places).toEqual(['node_modules/direct', 'node_modules/esbuild', 'node_modules/needed'])
})

it('npm start installs no tool of the tests of this checkout', () => {
  const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'))
  const places = Object.keys(partOf(lock.packages))
  expect(places).toContain('node_modules/@sfpool/core')
  expect(places).toContain('node_modules/hono')
  for (const tool of ['vitest', 'typescript', 'express', '@biomejs/biome', 'openai'])
    expect(places).not.toContain(`node_modules/${tool}`)
  expect(places.length).toBeLessThan(Object.keys(lock.packages).length / 4)
})
