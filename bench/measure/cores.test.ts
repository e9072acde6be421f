import { expect, test } from 'vitest'
import { chooseCores } from './cores.mjs'

test.each([
  ['0-1', { proxy: 0, load: 1 }],
  ['2-7', { proxy: 2, load: 3 }],
  ['3,5-6', { proxy: 3, load: 5 }],
  ['4', { proxy: 4, load: 4 }],
])('chooseCores gives the first of the cores %s to the proxy and the second to the load', (list, chosen) => {
  expect(chooseCores(list)).toEqual(chosen)
})
