import fc from 'fast-check'
import { expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import { SmallSet } from './small-set.js'

const members = Array.from({ length: 4 }, (_, number) => ({ number }))
const step = fc.record({ member: fc.constantFrom(...members), joins: fc.boolean() })

it('SmallSet holds the same items as a Set, in the same order', () => {
  assertProperty(
    fc.property(fc.array(step), (steps) => {
      const small = new SmallSet<object>()
      const set = new Set<object>()
      for (const { member, joins } of steps) {
        if (joins) small.add(member)
        else small.delete(member)
        if (joins) set.add(member)
        else set.delete(member)
        expect([...small]).toEqual([...set])
        expect(small.size).toBe(set.size)
        expect(small.has(member)).toBe(joins)
      }
    }),
  )
})
