import { expect, test } from 'vitest'
import { perRequest } from './system-calls.mjs'

const table = `% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.00    0.120000           6     20000           writev
 39.00    0.080000           4     20200       150 read
  1.00    0.000010           1         9           futex
------ ----------- ----------- --------- --------- ----------------
100.00    0.200010           5     40209       150 total
`

test('perRequest gives the calls that belong to a request, and leaves out the head, the sum and rare calls', () => {
  expect([...perRequest(table, 10_000)]).toEqual([
    ['writev', 2],
    ['read', 2.02],
  ])
})
