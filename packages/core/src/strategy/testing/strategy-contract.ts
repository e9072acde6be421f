import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertProperty } from '../../testing/assert-property.js'
import { seededRandom } from '../../testing/fake-runtime.js'
import type { Candidate, Strategy } from '../strategy.js'
import { anyone, candidate, candidates } from './candidate.js'

/** What every strategy promises, whatever order it prefers. */
export function testStrategyContract(name: string, make: (chance: () => number) => Strategy): void {
  const fresh = (seed = 1): Strategy => make(seededRandom(seed))

  describe(`${name}, as every strategy,`, () => {
    it('has nobody to give when nobody was added', () => {
      expect(fresh().pick(anyone)).toBeUndefined()
    })

    it('gives nobody when nobody is accepted, after offering everyone exactly once', () => {
      const strategy = fresh()
      const all = candidates(20)
      for (const each of all) strategy.add(each)
      const offered: Candidate[] = []
      expect(strategy.pick((each) => offered.push(each) === 0)).toBeUndefined()
      expect(new Set(offered)).toEqual(new Set(all))
      expect(offered).toHaveLength(all.length)
    })

    it('finds the only one that is accepted, wherever it stands', () => {
      const strategy = fresh()
      const all = candidates(50)
      for (const each of all) strategy.add(each)
      for (const only of all) expect(strategy.pick((each) => each === only)).toBe(only)
    })

    it('asks once when the first answer is yes, however many keys there are', () => {
      const strategy = fresh()
      for (const each of candidates(10_000)) strategy.add(each)
      let asked = 0
      for (let picks = 0; picks < 1_000; picks++) strategy.pick(() => ++asked > 0)
      expect(asked).toBe(1_000)
    })

    it('takes adding twice as adding once', () => {
      const strategy = fresh()
      const one = candidate('a')
      strategy.add(one)
      strategy.add(one)
      strategy.remove(one)
      expect(strategy.pick(anyone)).toBeUndefined()
    })

    it('does not mind removing whom it does not have', () => {
      const strategy = fresh()
      const [one, other] = [candidate('a'), candidate('b')]
      strategy.remove(one)
      strategy.add(one)
      strategy.remove(other)
      expect(strategy.pick(anyone)).toBe(one)
    })

    it('makes the same picks from the same seed', () => {
      const sequence = (): (string | undefined)[] => {
        const strategy = fresh(7)
        for (const each of candidates(5)) strategy.add(each)
        return Array.from({ length: 50 }, () => strategy.pick(anyone)?.id)
      }
      expect(sequence()).toEqual(sequence())
    })

    it('serves exactly whom it was given, through any coming, going and passing over', () => {
      assertProperty(
        fc.property(fc.array(steps, { maxLength: 200, size: 'max' }), fc.integer(), (script, seed) => {
          const strategy = fresh(seed)
          const all = candidates(8)
          const seated = new Set<Candidate>()
          for (const { step, who, refused } of script) {
            const one = all[who] as Candidate
            if (step === 'add') strategy.add(one)
            if (step === 'add') seated.add(one)
            if (step === 'remove') strategy.remove(one)
            if (step === 'remove') seated.delete(one)
            if (step !== 'pick') continue
            const welcome = [...seated].filter((each) => !refused.includes(each.order))
            const picked = strategy.pick((each) => !refused.includes(each.order))
            if (welcome.length === 0) expect(picked).toBeUndefined()
            else expect(welcome).toContain(picked)
          }
        }),
      )
    })
  })
}

const steps = fc.record({
  step: fc.constantFrom('add', 'remove', 'pick', 'pick'),
  who: fc.integer({ min: 0, max: 7 }),
  /** Places of those who are not accepted. */
  refused: fc.uniqueArray(fc.integer({ min: 0, max: 7 }), { maxLength: 8 }),
})
