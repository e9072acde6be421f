import { PoolEmitter, type PoolEvents } from '../events.js'
import type { Key, KeyAccount } from '../key/key.js'
import { makeKey } from '../key/testing/make-key.js'
import { type AttemptFigures, Keyring } from '../keyring/keyring.js'
import type { KeyringOptions } from '../keyring/keyring-options.js'
import type { Outcome } from '../outcome/outcome.js'
import { policyOf } from '../policy.js'
import { generic } from '../provider/generic.js'
import type { Grant } from '../selection/grant.js'
import type { KeyRequest } from '../selection/key-request.js'
import type { Refusal } from '../selection/refusal.js'
import { roundRobin } from '../strategy/round-robin.js'
import type { Candidate, Strategy } from '../strategy/strategy.js'
import { type FakeRuntime, fakeRuntime } from './fake-runtime.js'

/** A keyring under a virtual clock, with every event written down. */
export interface KeyringUnderTest {
  readonly keyring: Keyring
  readonly runtime: FakeRuntime
  /** Events so far, as `name` and what happened. */
  readonly emitted: [keyof PoolEvents, unknown][]
  /** The keys that the strategy may pick. */
  readonly candidates: ReadonlySet<Candidate>
  /** Ids of the keys that a free request should ask about, in the order in which they got into trouble. */
  readonly inTrouble: readonly string[]
  add(name: string, account?: string): Key
  take(model?: string, more?: WantedMore): Grant | Refusal
  /** The grant of a request that must be served. */
  grant(model?: string, more?: WantedMore): Grant
  settle(grant: Grant, outcome: Outcome, figures?: Partial<AttemptFigures>): void
}

export interface KeyringTestOptions extends Partial<Omit<KeyringOptions, 'strategy'>> {
  readonly seed?: number
  /** @default round robin, whose members `candidates` knows */
  readonly strategy?: KeyringOptions['strategy']
}

export type WantedMore = Partial<Omit<KeyRequest, 'tried'>> & { tried?: Iterable<Key> }

const names = ['key-cooldown', 'key-exhausted', 'key-invalid', 'key-recovered', 'limit-learned'] as const

/** The account of that name, made when it is new. */
export function accountNamed(keyring: Keyring, name: string): KeyAccount {
  return keyring.members.accountFor({ id: name, site: 'cn', accountName: name, upstreamAccount: null })
}

/** A request for a model, with nothing else said. */
export function keyRequest(model = '', { tried, ...more }: WantedMore = {}): KeyRequest {
  return {
    model,
    now: 0,
    tried: tried === undefined ? null : new Set(tried),
    lastResorts: 0,
    account: null,
    promptTokens: 0,
    maxOutput: null,
    images: 0,
    isStream: false,
    isFree: false,
    session: null,
    ...more,
  }
}

export function keyringUnderTest({ seed = 1, ...options }: KeyringTestOptions = {}): KeyringUnderTest {
  const runtime = fakeRuntime({ seed })
  const events = new PoolEmitter()
  const emitted: [keyof PoolEvents, unknown][] = []
  for (const name of names) events.on(name, (event) => void emitted.push([name, event]))
  const { strategy, candidates } = recorded(roundRobin())
  const inTrouble: string[] = []
  const keyring = new Keyring({
    ...policyOf({}),
    strategy,
    provider: generic('http://127.0.0.1:1'),
    runtime,
    events,
    pacing: null,
    onChange: () => {},
    onTrouble: ({ id }) => void inTrouble.push(id),
    onFree: () => {},
    ...options,
  })
  const take: KeyringUnderTest['take'] = (model, more) => keyring.take(keyRequest(model, more))
  return {
    keyring,
    runtime,
    emitted,
    candidates,
    inTrouble,
    add(name, account) {
      const key = makeKey(name, accountNamed(keyring, account ?? `account-of-${name}`))
      key.account.keys.delete(key)
      keyring.members.add(key)
      return key
    },
    take,
    grant(model, more) {
      const taken = take(model, more)
      if ('freeAt' in taken) throw new Error(taken.message)
      return taken
    },
    settle: (grant, outcome, figures) =>
      keyring.settle(grant, outcome, { usage: null, firstOutputMs: null, ...figures }),
  }
}

/** The strategy with a list of the keys it holds; it throws when a key is added twice or removed before. */
function recorded(strategy: Strategy): { strategy: Strategy; candidates: ReadonlySet<Candidate> } {
  const candidates = new Set<Candidate>()
  return {
    candidates,
    strategy: {
      add(candidate) {
        if (candidates.has(candidate)) throw new Error(`${candidate.id} was added twice`)
        candidates.add(candidate)
        strategy.add(candidate)
      },
      remove(candidate) {
        if (!candidates.delete(candidate)) throw new Error(`${candidate.id} was not added`)
        strategy.remove(candidate)
      },
      pick: (accepts, request) => strategy.pick(accepts, request),
    },
  }
}
