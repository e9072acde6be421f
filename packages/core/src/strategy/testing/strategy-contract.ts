import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertProperty } from '../../testing/assert-property.js'
import { seededRandom } from '../../testing/fake-runtime.js'
import type { Candidate, PickRequest, Strategy } from '../strategy.js'
import { anyone, candidate, candidates, type LiveCandidate, plain, seated } from './candidate.js'

/** What every strategy promises, whatever order it prefers, for the requests given. */
export function testStrategyContract(
  name: string,
  make: (chance: () => number) => Strategy,
  request: PickRequest = plain,
): void {
  const fresh = (seed = 1): Strategy => make(seededRandom(seed))

  describe(`${name}, as every strategy,`, () => {
    it('has nobody to give when nobody was added', () => {
      expect(fresh().pick(anyone, request)).toBeUndefined()
    })

    it.each([20, 65, 300])('offers each of %i exactly once when nobody is accepted', (count) => {
      const all = candidates(count)
      const strategy = seated(fresh(), all)
      const offered: Candidate[] = []
      expect(strategy.pick((each) => offered.push(each) === 0, request)).toBeUndefined()
      expect(new Set(offered)).toEqual(new Set(all))
      expect(offered).toHaveLength(all.length)
    })

    it.each([50, 200])('finds the only one of %i that is accepted, wherever it stands', (count) => {
      const all = candidates(count)
      const strategy = seated(fresh(), all)
      for (const only of all) expect(strategy.pick((each) => each === only, request)).toBe(only)
    })

    it('asks once when the first answer is yes, however many keys there are', () => {
      const strategy = seated(fresh(), candidates(10_000))
      let asked = 0
      for (let picks = 0; picks < 1_000; picks++) strategy.pick(() => ++asked > 0, request)
      expect(asked).toBe(1_000)
    })

    it('takes adding twice as adding once', () => {
      const one = candidate('a')
      const strategy = seated(fresh(), [one, one])
      strategy.remove(one)
      expect(strategy.pick(anyone, request)).toBeUndefined()
    })

    it('does not mind removing whom it does not have', () => {
      const strategy = fresh()
      const [one, other] = [candidate('a'), candidate('b')]
      strategy.remove(one)
      strategy.add(one)
      strategy.remove(other)
      expect(strategy.pick(anyone, request)).toBe(one)
    })

    it('makes the same picks from the same seed', () => {
      const sequence = (): (string | undefined)[] => {
        const strategy = seated(fresh(7), candidates(5))
        return Array.from({ length: 50 }, () => strategy.pick(anyone, request)?.id)
      }
      expect(sequence()).toEqual(sequence())
    })

    it('serves exactly whom it was given, through any coming, going and passing over', () => {
      assertProperty(
        fc.property(scripts, fc.integer(), (script, seed) => {
          const strategy = fresh(seed)
          const all = candidates(keyCount)
          const there = new Set<Candidate>()
          for (const step of script) {
            const picked = play({ strategy, all, request }, step)
            if (step.kind === 'add') there.add(all[step.who] as Candidate)
            if (step.kind === 'remove') there.delete(all[step.who] as Candidate)
            if (step.kind !== 'pick') continue
            const welcome = [...there].filter((each) => isWelcome(each, step))
            if (welcome.length === 0) expect(picked).toBeUndefined()
            else expect(welcome).toContain(picked)
          }
        }),
      )
    })

    it('names by a peek whom the next pick gives, and changes nothing by it', () => {
      assertProperty(
        fc.property(scripts, fc.integer(), (script, seed) => {
          // Twins with the same keys and the same chance, of which one is peeked at.
          const [watched, twin] = [fresh(seed), fresh(seed)]
          const [all, others] = [candidates(keyCount), candidates(keyCount)]
          for (const step of script) {
            let foreseen: Candidate | undefined
            for (let peeks = 0; peeks < step.peeks; peeks++)
              foreseen = watched.peek?.((each) => isWelcome(each, step), request)
            const picked = play({ strategy: watched, all, request }, step)
            expect(play({ strategy: twin, all: others, request }, step)?.id).toBe(picked?.id)
            if (step.kind === 'pick' && step.peeks > 0) expect(foreseen).toBe(picked)
          }
        }),
      )
    })

    it('foresees in a large pool too, with most of it refused', () => {
      const [watched, twin] = [seated(fresh(3), candidates(500)), seated(fresh(3), candidates(500))]
      for (let round = 0; round < 300; round++) {
        const accepts = ({ order }: Candidate): boolean => (order + round) % 97 === 0
        const foreseen = watched.peek?.(accepts, request)
        expect(watched.pick(accepts, request)).toBe(foreseen)
        expect(twin.pick(accepts, request)?.id).toBe(foreseen?.id)
      }
    })
  })
}

const keyCount = 8
const place = fc.integer({ min: 0, max: keyCount - 1 })

const scripts = fc.array(
  fc.record({
    kind: fc.constantFrom('add', 'remove', 'pick', 'pick', 'end'),
    who: place,
    /** Places of those who are not accepted. */
    refused: fc.uniqueArray(place, { maxLength: keyCount }),
    peeks: fc.constantFrom(0, 0, 1, 2),
    /** A figure that changes, and what it is now. */
    amount: fc.integer({ min: 0, max: 20 }),
  }),
  { maxLength: 200, size: 'max' },
)

type Step = typeof scripts extends fc.Arbitrary<readonly (infer Each)[]> ? Each : never

const isWelcome = ({ order }: Candidate, { refused }: Step): boolean => !refused.includes(order)

interface Table {
  readonly strategy: Strategy
  readonly all: readonly LiveCandidate[]
  readonly request: PickRequest
}

/** Does a step as a pool would, with figures that follow. */
function play({ strategy, all, request }: Table, step: Step): Candidate | undefined {
  const one = all[step.who] as LiveCandidate
  if (step.kind === 'add') strategy.add(one)
  if (step.kind === 'remove') strategy.remove(one)
  if (step.kind === 'end' && one.inFlight > 0) {
    follow(one, step.amount)
    const kind = isGood(step.amount) ? 'success' : 'upstream-error'
    const firstOutputMs = isGood(step.amount) ? step.amount * 100 : null
    strategy.ended?.(one, { ...request, kind, firstOutputMs })
  }
  if (step.kind !== 'pick') return undefined
  const picked = strategy.pick((each) => isWelcome(each, step), request) as LiveCandidate | undefined
  if (picked === undefined) return undefined
  picked.inFlight++
  picked.requests++
  return picked
}

const isGood = (amount: number): boolean => amount > 5

/** The figures after an attempt has ended. */
function follow(one: LiveCandidate, amount: number): void {
  one.inFlight--
  if (isGood(amount)) one.successes++
  else one.failures++
  one.balance = amount === 20 ? null : amount
  one.rpm = () => amount
  one.tpm = () => amount * 100
}
