import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { SeenKeys } from './seen-keys.js'

const id = (number: number): string =>
  `key_${createHash('sha256').update(String(number)).digest('hex').slice(0, 16)}`

it('SeenKeys remembers many keys and the number added with each', () => {
  const seen = new SeenKeys()
  const count = 50_000
  let newCount = 0
  for (let each = 0; each < count; each++) if (seen.add(id(each), each % 9)) newCount++
  expect(newCount).toBe(count)
  expect(seen.size).toBe(count)
  for (let each = 0; each < count; each += 70) {
    expect(seen.add(id(each), 3)).toBe(false)
    expect(seen.markOf(id(each))).toBe(3)
    expect(seen.markOf(id(each + 1))).toBe((each + 1) % 9)
  }
  expect(seen.markOf(id(count))).toBeUndefined()
  expect(seen.size).toBe(count)
})

it('SeenKeys accepts ids of any shape', () => {
  const seen = new SeenKeys()
  expect([seen.add('mine'), seen.add('mine'), seen.add('yours')]).toEqual([true, false, true])
})
