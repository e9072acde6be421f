import { expect, test } from 'vitest'
import { measureGraph } from './measure-graph.mjs'
import { readGraph } from './read-graph.mjs'
import { sourceTree } from './source-tree.js'

const imports = (...paths: string[]) => paths.map((path) => `import { x } from '${path}'\n`).join('')
const importsTypes = (path: string) => `import type { X } from '${path}'\n`

const measure = (files: Readonly<Record<string, string>>, floors: string[][] | null = null) =>
  measureGraph(readGraph(sourceTree(files)), floors)

test('files, rooms and the arrows between them are counted once, however often one imports another', () => {
  const measured = measure({
    'pool.ts': imports('./key/key.js', './key/key.js', './key/account.js') + importsTypes('./key/key.js'),
    'key/key.ts': importsTypes('./account.js') + imports('valibot', '@sfpool/core'),
    'key/account.ts': '',
  })
  expect(measured).toMatchObject({ files: 3, fileArrows: 3, typeArrows: 1, rooms: 2, roomArrows: 1 })
})

test('tests, type tests and test support are left out', () => {
  const measured = measure({
    'key/key.ts': '',
    'key/key.test.ts': imports('./key.js'),
    'key/key.test-d.ts': imports('./key.js'),
    'key/testing/fake-key.ts': imports('../key.js'),
    'testing/fake-pool.ts': imports('../key/key.js'),
  })
  expect(measured).toMatchObject({ files: 1, fileArrows: 0, rooms: 1 })
})

test('a circle of files that only type imports close is found', () => {
  const { fileCircles, roomCircles } = measure({
    'key/account.ts': importsTypes('./key.js'),
    'key/key.ts': imports('./secret.js'),
    'key/secret.ts': "export let owner: import('./account.js').Account\n",
    'key/view.ts': imports('./key.js'),
  })
  expect(fileCircles).toEqual([['key/account.ts', 'key/key.ts', 'key/secret.ts']])
  expect(roomCircles).toEqual([])
})

test('a circle of rooms is found where no circle of files exists', () => {
  const { fileCircles, roomCircles } = measure({
    'key/key.ts': imports('../limit/meter.js'),
    'limit/meter.ts': '',
    'limit/limits.ts': imports('../key/key.js'),
  })
  expect(fileCircles).toEqual([])
  expect(roomCircles).toEqual([['key', 'limit']])
})

test('circles that touch each other count as one, circles apart as two, the largest first', () => {
  const { fileCircles } = measure({
    'a.ts': imports('./b.js'),
    'b.ts': imports('./a.js'),
    'c.ts': imports('./d.js', './a.js'),
    'd.ts': imports('./c.js', './e.js'),
    'e.ts': imports('./d.js'),
  })
  expect(fileCircles).toEqual([
    ['c.ts', 'd.ts', 'e.ts'],
    ['a.ts', 'b.ts'],
  ])
})

const threeFloors = [['key', 'price'], ['relay'], ['pool']]

test('an import of a lower floor is right; one of a higher floor or of a neighbour climbs, also of types', () => {
  const { climbing, strays } = measure(
    {
      'pool.ts': imports('./relay/failover.js', './key/key.js'),
      'relay/failover.ts': imports('./attempt.js', '../key/key.js'),
      'relay/attempt.ts': importsTypes('../pool.js'),
      'key/key.ts': imports('../price/cost.js'),
      'price/cost.ts': '',
    },
    threeFloors,
  )
  expect(climbing).toEqual([
    { from: 'key/key.ts', to: 'price/cost.ts' },
    { from: 'relay/attempt.ts', to: 'pool.ts' },
  ])
  expect(strays).toEqual([])
})

test('a room on no floor is named and not judged', () => {
  const { climbing, strays } = measure(
    { 'index.ts': imports('./pool.js'), 'pool.ts': imports('./relay/attempt.js'), 'relay/attempt.ts': '' },
    threeFloors,
  )
  expect({ climbing, strays }).toEqual({ climbing: [], strays: ['index'] })
})

test('without floors nothing climbs where an order of rooms exists in which nothing does', () => {
  const files = {
    'a/top.ts': imports('../z/middle.js', '../b/ground.js'),
    'z/middle.ts': imports('../b/ground.js', '../m/ground.js'),
    'b/ground.ts': '',
    'm/ground.ts': '',
  }
  expect(measure(files)).toMatchObject({ hasFloors: false, climbing: [] })
})

test('without floors the fewest imports climb that any order of two rooms in a circle allows', () => {
  const { climbing } = measure({
    'a/one.ts': imports('../b/one.js', '../b/two.js'),
    'a/two.ts': imports('../b/one.js'),
    'a/three.ts': '',
    'b/one.ts': imports('../a/three.js'),
    'b/two.ts': '',
  })
  expect(climbing).toEqual([{ from: 'b/one.ts', to: 'a/three.ts' }])
})

test('an entry point named after a folder belongs to the folder', () => {
  const measured = measure({ 'sse.ts': imports('./sse/tap.js'), 'sse/tap.ts': '' }, [['sse']])
  expect(measured).toMatchObject({ files: 2, rooms: 1, roomArrows: 0, climbing: [] })
})
