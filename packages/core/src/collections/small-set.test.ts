import fc from 'fast-check'
import { expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import { SmallSet } from './small-set.js'

const members = Array.from({ length: 4 }, (_, number) => ({ number }))
const step = fc.record({ who: fc.constantFrom(...members), joins: fc.boolean() })

it('holds what a set would hold, in the same order', () => {
  assertProperty(
    fc.property(fc.array(step), (steps) => {
      const few = new SmallSet<object>()
      const set = new Set<object>()
      for (const { who, joins } of steps) {
        if (joins) few.add(who)
        else few.delete(who)
        if (joins) set.add(who)
        else set.delete(who)
        expect([...few]).toEqual([...set])
        expect(few.size).toBe(set.size)
        expect(few.has(who)).toBe(joins)
      }
    }),
  )
})
