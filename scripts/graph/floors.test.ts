import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readFloors } from './floors.mjs'
import { sourceTree } from './source-tree.js'

test('readFloors answers the floors of the package that is asked for', () => {
  const file = join(
    sourceTree({ 'floors.cjs': "module.exports = { core: [['key'], ['pool']] }" }),
    'floors.cjs',
  )
  expect(readFloors(file, 'core')).toEqual([['key'], ['pool']])
  expect(readFloors(file, 'cli')).toBeNull()
})

test('readFloors answers null where there is no file', () => {
  expect(readFloors(join(sourceTree({}), 'floors.cjs'), 'core')).toBeNull()
})
