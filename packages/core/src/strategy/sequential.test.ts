import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import { sequential } from './sequential.js'
import type { Candidate } from './strategy.js'
import { acceptAll, candidates, plain } from './testing/candidate.js'

describe('sequential', () => {
  it('uses up the oldest key, then the next oldest, in whatever order they were added', () => {
    assertProperty(
      fc.property(fc.shuffledSubarray(candidates(12), { minLength: 12 }), (shuffled: Candidate[]) => {
        const strategy = sequential()
        for (const each of shuffled) strategy.add(each)
        for (const oldest of candidates(12)) {
          const picked = strategy.pick(acceptAll, plain) as Candidate
          expect(picked.id).toBe(oldest.id)
          strategy.remove(picked)
        }
      }),
    )
  })
})
