import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import { roundRobin } from './round-robin.js'
import type { Candidate } from './strategy.js'
import { acceptAll, candidates, plain } from './testing/candidate.js'

describe('round-robin', () => {
  it('picks every key once before any key twice', () => {
    const strategy = roundRobin()
    const all = candidates(100)
    for (const each of all) strategy.add(each)
    for (let round = 0; round < 3; round++) {
      const served = Array.from(all, () => strategy.pick(acceptAll, plain)?.id)
      expect(served).toEqual(all.map(({ id }) => id))
    }
  })

  it('picks no key twice between two turns of a key that stays, while the list changes', () => {
    const step = fc.record({
      step: fc.constantFrom('add', 'remove', 'pick', 'pick', 'pick'),
      keyIndex: fc.integer({ min: 1, max: 6 }),
    })
    assertProperty(
      fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (script) => {
        const strategy = roundRobin()
        const all = candidates(7)
        const [stays] = all as [Candidate, ...Candidate[]]
        strategy.add(stays)
        let sinceThen: Candidate[] = []
        for (const { step, keyIndex } of script) {
          const one = all[keyIndex] as Candidate
          if (step === 'add') strategy.add(one)
          else if (step === 'remove') strategy.remove(one)
          else {
            const picked = strategy.pick(acceptAll, plain) as Candidate
            expect(sinceThen).not.toContain(picked)
            sinceThen = picked === stays ? [] : [...sinceThen, picked]
          }
        }
      }),
    )
  })
})
