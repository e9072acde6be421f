import { describe, expect, it } from 'vitest'
import type { Outcome } from '../outcome/outcome.js'
import { ready } from './account-health.js'
import {
  endKeyCooldown,
  isUnexplained,
  type KeyEvidence,
  type KeyHealth,
  type KeyTrouble,
  settleKey,
  settleProbe,
  shiftedCooldown,
} from './key-health.js'

const now = 1_800_000_000_000
const minute = 60_000

const cooling = (trouble: KeyTrouble, strikes = 1): KeyHealth => ({
  status: 'cooling',
  trouble,
  until: now + minute,
  reason: 'Forbidden',
  strikes,
})
const probing = (after: KeyTrouble, strikes = 1): KeyHealth => ({ status: 'probing', after, strikes })
const invalid: KeyHealth = { status: 'invalid', reason: 'Token is invalid.', since: now - 1 }

const states: Readonly<Record<string, KeyHealth>> = {
  ready,
  'cooling after a refusal': cooling('refused'),
  'cooling after failures': cooling('failing'),
  'probing after a refusal': probing('refused'),
  'probing after failures': probing('failing'),
  invalid,
}

const success: Outcome = { kind: 'success' }
const wrong: Outcome = { kind: 'unauthorized', fault: 'key', message: 'Token is invalid.' }
const bare: Outcome = { kind: 'rejected', fault: 'permission' }
/** All other ways in which an attempt can end: none says anything of the secret. */
const others: readonly Outcome[] = [
  { kind: 'aborted' },
  { kind: 'rejected', fault: 'caller' },
  { kind: 'rejected', fault: 'model' },
  { kind: 'rejected', fault: 'permission', code: 30007 },
  { kind: 'rejected', fault: 'permission', code: 'model_access_denied' },
  { kind: 'unauthorized', fault: 'disabled' },
  { kind: 'insufficient-balance', fault: 'funds' },
  { kind: 'rate-limited', fault: 'limit' },
  { kind: 'rate-limited', fault: 'limit', accountWide: true },
  { kind: 'upstream-error', fault: 'overload' },
  { kind: 'upstream-error', fault: 'ip-block' },
  { kind: 'network-error', fault: 'network' },
  { kind: 'network-error', fault: 'network', maybeRan: true },
  { kind: 'timeout', fault: 'network', maybeRan: true },
  { kind: 'truncated', fault: 'network', maybeRan: true },
]

/** An attempt that ended under a key with no history, believed, far from the threshold. */
const ended = (outcome: Outcome, more: Partial<KeyEvidence> = {}): KeyEvidence => ({
  outcome,
  isTrial: false,
  wasAccepted: false,
  isTrusted: true,
  consecutiveFailures: 1,
  failureThreshold: 5,
  ...more,
})

const refusedFor = (restMs: number, strikes: number): KeyHealth => ({
  status: 'cooling',
  trouble: 'refused',
  until: now + restMs,
  reason: 'Token is invalid.',
  strikes,
})
const failingFor = (restMs: number, strikes: number): KeyHealth => ({
  status: 'cooling',
  trouble: 'failing',
  until: now + restMs,
  reason: 'rejected',
  strikes,
})
const refusedNow: KeyHealth = { status: 'invalid', reason: 'Token is invalid.', since: now }

describe('a secret after an attempt', () => {
  const trial = { isTrial: true }
  const doubted = { isTrusted: false }
  const trusted = { wasAccepted: true }
  const fifth = { consecutiveFailures: 5 }

  it.each<[string, KeyHealth, Outcome, Partial<KeyEvidence>, KeyHealth]>([
    ['ready: a success', ready, success, {}, ready],
    ['ready: refused, with no history', ready, wrong, {}, refusedNow],
    ['ready: refused, with a good history', ready, wrong, trusted, refusedFor(0, 0)],
    ['ready: refused, like all the others', ready, wrong, doubted, refusedFor(minute, 1)],
    ['ready: the same with a good history', ready, wrong, { ...doubted, ...trusted }, refusedFor(minute, 1)],
    ['ready: a bare refusal', ready, bare, { consecutiveFailures: 4 }, ready],
    ['ready: the fifth bare refusal in a row', ready, bare, fifth, failingFor(10 * minute, 1)],
    ['ready: one beyond it', ready, bare, { consecutiveFailures: 6 }, failingFor(10 * minute, 1)],
    ['ready: with a threshold of one', ready, bare, { failureThreshold: 1 }, failingFor(10 * minute, 1)],
    ['probing: the trial succeeds', probing('refused'), success, trial, ready],
    ['probing: another call succeeds', probing('refused'), success, {}, probing('refused')],
    ['probing: the trial is refused', probing('refused'), wrong, trial, refusedNow],
    [
      'probing: the same with a good history',
      probing('refused'),
      wrong,
      { ...trial, ...trusted },
      refusedNow,
    ],
    [
      'probing: the trial is refused like all the others',
      probing('refused'),
      wrong,
      { ...trial, ...doubted },
      refusedFor(10 * minute, 2),
    ],
    [
      'probing: so it is after many strikes',
      probing('refused', 7),
      wrong,
      { ...trial, ...doubted },
      refusedFor(60 * minute, 8),
    ],
    ['probing: another call is refused', probing('refused'), wrong, {}, probing('refused')],
    [
      'probing: the trial fails without a reason',
      probing('failing'),
      bare,
      trial,
      failingFor(20 * minute, 2),
    ],
    ['probing: the same after a refusal', probing('refused'), bare, trial, failingFor(20 * minute, 2)],
    ['probing: after many strikes', probing('failing', 20), bare, trial, failingFor(24 * 60 * minute, 21)],
    ['probing: another call fails so', probing('failing'), bare, fifth, probing('failing')],
    ['probing: the trial of failures succeeds', probing('failing', 3), success, trial, ready],
    ['probing: the trial of failures is refused', probing('failing'), wrong, trial, refusedNow],
  ])('%s', (_name, health, outcome, more, next) => {
    expect(settleKey(health, ended(outcome, more), now)).toEqual(next)
  })

  it.each(Object.entries(states))(
    '%s: everything that is not about the secret changes nothing',
    (_name, health) => {
      for (const outcome of others) {
        for (const isTrial of [true, false])
          for (const isTrusted of [true, false])
            for (const wasAccepted of [true, false])
              expect(
                settleKey(health, ended(outcome, { isTrial, isTrusted, wasAccepted, ...fifth }), now),
              ).toBe(health)
      }
    },
  )

  it.each<[string, KeyHealth]>([
    ['cooling after a refusal', cooling('refused')],
    ['cooling after failures', cooling('failing')],
    ['invalid', invalid],
  ])('%s: calls that began before tell nothing new, whatever they tell', (_name, health) => {
    for (const outcome of [success, wrong, bare]) {
      for (const isTrial of [true, false])
        for (const isTrusted of [true, false])
          for (const wasAccepted of [true, false])
            expect(
              settleKey(health, ended(outcome, { isTrial, isTrusted, wasAccepted, ...fifth }), now),
            ).toBe(health)
    }
  })

  it('rests twice as long after each trial that fails without a reason, up to a day', () => {
    const minutes: number[] = []
    let health: KeyHealth = settleKey(ready, ended(bare, fifth), now)
    for (let trials = 0; trials < 10; trials++) {
      minutes.push(health.status === 'cooling' ? (health.until - now) / minute : 0)
      health = endKeyCooldown(health, now + 48 * 60 * minute)
      health = settleKey(health, ended(bare, { isTrial: true }), now)
    }
    expect(minutes).toEqual([10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440])
  })

  it('counts only refusals without a code as unexplained', () => {
    expect([success, wrong, bare, ...others].filter(isUnexplained)).toEqual([bare])
  })

  it('names the kind of refusal where the upstream had no words', () => {
    expect(settleKey(ready, ended({ kind: 'unauthorized', fault: 'key' }), now)).toMatchObject({
      status: 'invalid',
      reason: 'unauthorized',
    })
  })
})

describe('the answer to a free request about a secret', () => {
  const believed = (outcome: Outcome) => ({ outcome, isTrusted: true })
  const doubted = (outcome: Outcome) => ({ outcome, isTrusted: false })

  it.each<KeyTrouble>(['refused', 'failing'])(
    'lets one live request try when it went well: %s',
    (trouble) => {
      expect(settleProbe(cooling(trouble, 3), believed(success), now)).toEqual(probing(trouble, 3))
    },
  )

  it.each<KeyTrouble>(['refused', 'failing'])('makes it invalid when it was refused: %s', (trouble) => {
    expect(settleProbe(cooling(trouble), believed(wrong), now)).toEqual(refusedNow)
  })

  it('means a longer rest each time while everybody is refused', () => {
    const minutes: number[] = []
    let health: KeyHealth = refusedFor(minute, 1)
    for (let round = 0; round < 4; round++) {
      health = settleProbe(health, doubted(wrong), now)
      minutes.push(health.status === 'cooling' ? (health.until - now) / minute : 0)
    }
    expect(minutes).toEqual([10, 60, 60, 60])
  })

  it('is asked for again a minute later when it told nothing, with the strikes it had', () => {
    for (const outcome of [bare, ...others]) {
      for (const trouble of ['refused', 'failing'] as const)
        expect(settleProbe(cooling(trouble, 2), believed(outcome), now + minute)).toEqual({
          ...cooling(trouble, 2),
          until: now + 2 * minute,
        })
    }
  })

  it.each<[string, KeyHealth]>([
    ['ready', ready],
    ['probing', probing('refused')],
    ['invalid', invalid],
  ])('comes too late for a secret that is %s meanwhile', (_name, health) => {
    for (const outcome of [success, wrong, bare, ...others]) {
      expect(settleProbe(health, believed(outcome), now)).toBe(health)
      expect(settleProbe(health, doubted(outcome), now)).toBe(health)
    }
  })
})

describe('a secret whose rest is over without anybody to ask', () => {
  it('is tried by one live request, not a moment before', () => {
    for (const trouble of ['refused', 'failing'] as const) {
      const health = cooling(trouble, 2)
      expect(endKeyCooldown(health, now + minute - 1)).toBe(health)
      expect(endKeyCooldown(health, now + minute)).toEqual(probing(trouble, 2))
    }
  })

  it('has nothing to wake from in any other state', () => {
    for (const health of [ready, probing('failing'), invalid])
      expect(endKeyCooldown(health, now + 1e9)).toBe(health)
  })
})

describe('a rest of a secret', () => {
  it('keeps its length when the clock is set', () => {
    expect(shiftedCooldown(cooling('failing'), -minute)).toEqual({ ...cooling('failing'), until: now })
    for (const health of [ready, probing('failing'), invalid])
      expect(shiftedCooldown(health, minute)).toBe(health)
  })
})
