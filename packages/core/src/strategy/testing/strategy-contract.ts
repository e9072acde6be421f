import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertProperty } from '../../testing/assert-property.js'
import { seededRandom } from '../../testing/fake-runtime.js'
import type { Candidate, PickRequest, Strategy } from '../strategy.js'
import { acceptAll, candidate, candidates, type LiveCandidate, plain, withCandidates } from './candidate.js'

/** Tests what every strategy promises, whatever its order of keys, for the given request. */
export function testStrategyContract(
  name: string,
  make: (chance: () => number) => Strategy,
  request: PickRequest = plain,
): void {
  const fresh = (seed = 1): Strategy => make(seededRandom(seed))

  describe(`the strategy ${name}`, () => {
    it('picks no key when none was added', () => {
      expect(fresh().pick(acceptAll, request)).toBeUndefined()
    })

    it.each([20, 65, 300])('offers each of %i keys exactly once when none is accepted', (count) => {
      const all = candidates(count)
      const strategy = withCandidates(fresh(), all)
      const offered: Candidate[] = []
      expect(strategy.pick((each) => offered.push(each) === 0, request)).toBeUndefined()
      expect(new Set(offered)).toEqual(new Set(all))
      expect(offered).toHaveLength(all.length)
    })

    it.each([50, 200])('finds the only accepted key of %i at every place', (count) => {
      const all = candidates(count)
      const strategy = withCandidates(fresh(), all)
      for (const only of all) expect(strategy.pick((each) => each === only, request)).toBe(only)
    })

    it('offers one key when the first is accepted, however many keys there are', () => {
      const strategy = withCandidates(fresh(), candidates(10_000))
      let asked = 0
      for (let picks = 0; picks < 1_000; picks++) strategy.pick(() => ++asked > 0, request)
      expect(asked).toBe(1_000)
    })

    it('treats adding a key twice as adding it once', () => {
      const one = candidate('a')
      const strategy = withCandidates(fresh(), [one, one])
      strategy.remove(one)
      expect(strategy.pick(acceptAll, request)).toBeUndefined()
    })

    it('ignores the removal of a key that it does not have', () => {
      const strategy = fresh()
      const [one, other] = [candidate('a'), candidate('b')]
      strategy.remove(one)
      strategy.add(one)
      strategy.remove(other)
      expect(strategy.pick(acceptAll, request)).toBe(one)
    })

    it('makes the same picks from the same seed', () => {
      const sequence = (): (string | undefined)[] => {
        const strategy = withCandidates(fresh(7), candidates(5))
        return Array.from({ length: 50 }, () => strategy.pick(acceptAll, request)?.id)
      }
      expect(sequence()).toEqual(sequence())
    })

    it('picks only keys that are present and accepted, through any sequence of changes', () => {
      assertProperty(
        fc.property(scripts, fc.integer(), (script, seed) => {
          const strategy = fresh(seed)
          const all = candidates(keyCount)
          const there = new Set<Candidate>()
          for (const step of script) {
            const picked = play({ strategy, all, request }, step)
            if (step.kind === 'add') there.add(all[step.keyIndex] as Candidate)
            if (step.kind === 'remove') there.delete(all[step.keyIndex] as Candidate)
            if (step.kind !== 'pick') continue
            const welcome = [...there].filter((each) => isWelcome(each, step))
            if (welcome.length === 0) expect(picked).toBeUndefined()
            else expect(welcome).toContain(picked)
          }
        }),
      )
    })

    it('predicts the next pick by a peek without changing later picks', () => {
      assertProperty(
        fc.property(scripts, fc.integer(), (script, seed) => {
          // Two strategies with the same keys and the same seed; only one of them is peeked at.
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

    it('predicts the next pick in a large pool with most keys refused', () => {
      const [watched, twin] = [
        withCandidates(fresh(3), candidates(500)),
        withCandidates(fresh(3), candidates(500)),
      ]
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
    keyIndex: place,
    /** Places of the keys that are not accepted. */
    refused: fc.uniqueArray(place, { maxLength: keyCount }),
    peeks: fc.constantFrom(0, 0, 1, 2),
    /** Decides the outcome of the attempt and the figures after it. */
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

/** Plays a step as a pool would and updates the figures of the key. */
function play({ strategy, all, request }: Table, step: Step): Candidate | undefined {
  const one = all[step.keyIndex] as LiveCandidate
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

/** Updates the figures after an attempt has ended. */
function follow(one: LiveCandidate, amount: number): void {
  one.inFlight--
  if (isGood(amount)) one.successes++
  else one.failures++
  one.balance = amount === 20 ? null : amount
  one.rpm = () => amount
  one.tpm = () => amount * 100
}
