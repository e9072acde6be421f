import { expect, test } from 'vitest'
import { renderTable } from './table.mjs'

test('renderTable makes columns as wide as their widest cell and aligns the first to the left', () => {
  const rows = [
    ['floor', '19.1'],
    ['a long name', '8'],
  ]
  expect(renderTable(['proxy', 'CPU'], rows).split('\n')).toEqual([
    'proxy         CPU',
    '-----------  ----',
    'floor        19.1',
    'a long name     8',
  ])
})
