import { EventBoard, type PoolEvents } from '../events.js'
import type { Key } from '../key/key.js'
import type { Outcome } from '../key/outcome.js'
import type { Refusal } from '../key/refusal.js'
import { makeKey } from '../key/testing/make-key.js'
import type { Turn } from '../key/turn.js'
import { Keyring } from '../keyring.js'
import { roundRobin } from '../strategy/round-robin.js'
import type { Candidate, Strategy } from '../strategy/strategy.js'
import { type FakeRuntime, fakeRuntime } from './fake-runtime.js'

/** A keyring under a virtual clock, with everything it tells written down. */
export interface KeyringUnderTest {
  readonly keyring: Keyring
  readonly runtime: FakeRuntime
  /** Events so far, as `name` and what happened. */
  readonly told: [keyof PoolEvents, unknown][]
  /** Keys the strategy holds. */
  readonly seated: ReadonlySet<Candidate>
  add(name: string, account?: string): Key
  take(model?: string, more?: { tried?: Iterable<Key>; lastResorts?: number }): Turn | Refusal
  /** A turn that must be had. */
  turn(model?: string, more?: { tried?: Iterable<Key>; lastResorts?: number }): Turn
  settle(turn: Turn, outcome: Outcome): void
}

const names = ['key-cooldown', 'key-exhausted', 'key-invalid', 'key-recovered'] as const

export function keyringUnderTest({ seed = 1 }: { seed?: number } = {}): KeyringUnderTest {
  const runtime = fakeRuntime({ seed })
  const events = new EventBoard()
  const told: [keyof PoolEvents, unknown][] = []
  for (const name of names) events.on(name, (event) => void told.push([name, event]))
  const { strategy, seated } = recorded(roundRobin())
  const keyring = new Keyring({ strategy, runtime, events, dayOffsetMs: 0, onChange: () => {} })
  const take: KeyringUnderTest['take'] = (model = '', { tried, lastResorts = 0 } = {}) =>
    keyring.take({ model, tried: tried === undefined ? null : new Set(tried), lastResorts })
  return {
    keyring,
    runtime,
    told,
    seated,
    add(name, account) {
      const key = makeKey(name, keyring.accountOf(account ?? `account-of-${name}`))
      key.account.keys.delete(key)
      keyring.add(key)
      return key
    },
    take,
    turn(model, more) {
      const taken = take(model, more)
      if ('code' in taken) throw new Error(taken.message)
      return taken
    },
    settle: (turn, outcome) => keyring.settle(turn, outcome, null),
  }
}

/** The strategy with a list of whom it holds, which complains of anyone seated twice or removed unseated. */
function recorded(strategy: Strategy): { strategy: Strategy; seated: ReadonlySet<Candidate> } {
  const seated = new Set<Candidate>()
  return {
    seated,
    strategy: {
      add(candidate) {
        if (seated.has(candidate)) throw new Error(`${candidate.id} is seated twice`)
        seated.add(candidate)
        strategy.add(candidate)
      },
      remove(candidate) {
        if (!seated.delete(candidate)) throw new Error(`${candidate.id} was not seated`)
        strategy.remove(candidate)
      },
      pick: (accepts) => strategy.pick(accepts),
    },
  }
}
