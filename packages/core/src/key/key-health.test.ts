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

/** An attempt that ended under a key with no history, trusted, far from the threshold. */
const ended = (outcome: Outcome, more: Partial<KeyEvidence> = {}): KeyEvidence => ({
  outcome,
  isTrial: false,
  wasAccepted: false,
  isTrusted: true,
  consecutiveFailures: 1,
  failureThreshold: 5,
  ...more,
})

const refusedFor = (cooldownMs: number, strikes: number): KeyHealth => ({
  status: 'cooling',
  trouble: 'refused',
  until: now + cooldownMs,
  reason: 'Token is invalid.',
  strikes,
})
const failingFor = (cooldownMs: number, strikes: number): KeyHealth => ({
  status: 'cooling',
  trouble: 'failing',
  until: now + cooldownMs,
  reason: 'rejected',
  strikes,
})
const refusedNow: KeyHealth = { status: 'invalid', reason: 'Token is invalid.', since: now }

describe('a secret', () => {
  const trial = { isTrial: true }
  const suspected = { isTrusted: false }
  const trusted = { wasAccepted: true }
  const fifth = { consecutiveFailures: 5 }

  it.each<[string, KeyHealth, Outcome, Partial<KeyEvidence>, KeyHealth]>([
    ['ready: a success', ready, success, {}, ready],
    ['ready: refused, with no history', ready, wrong, {}, refusedNow],
    ['ready: refused, with a good history', ready, wrong, trusted, refusedFor(0, 0)],
    ['ready: refused, like all the others', ready, wrong, suspected, refusedFor(minute, 1)],
    [
      'ready: refused like all the others, with a good history',
      ready,
      wrong,
      { ...suspected, ...trusted },
      refusedFor(minute, 1),
    ],
    ['ready: a bare refusal', ready, bare, { consecutiveFailures: 4 }, ready],
    ['ready: the fifth bare refusal in a row', ready, bare, fifth, failingFor(10 * minute, 1)],
    [
      'ready: the sixth bare refusal in a row',
      ready,
      bare,
      { consecutiveFailures: 6 },
      failingFor(10 * minute, 1),
    ],
    [
      'ready: a bare refusal, with a threshold of one',
      ready,
      bare,
      { failureThreshold: 1 },
      failingFor(10 * minute, 1),
    ],
    ['probing: the trial succeeds', probing('refused'), success, trial, ready],
    ['probing: another call succeeds', probing('refused'), success, {}, probing('refused')],
    ['probing: the trial is refused', probing('refused'), wrong, trial, refusedNow],
    [
      'probing: the trial is refused, with a good history',
      probing('refused'),
      wrong,
      { ...trial, ...trusted },
      refusedNow,
    ],
    [
      'probing: the trial is refused like all the others',
      probing('refused'),
      wrong,
      { ...trial, ...suspected },
      refusedFor(10 * minute, 2),
    ],
    [
      'probing: the trial is refused like all the others, after many strikes',
      probing('refused', 7),
      wrong,
      { ...trial, ...suspected },
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
    [
      'probing after a refusal: the trial fails without a reason',
      probing('refused'),
      bare,
      trial,
      failingFor(20 * minute, 2),
    ],
    [
      'probing: the trial fails without a reason, after many strikes',
      probing('failing', 20),
      bare,
      trial,
      failingFor(24 * 60 * minute, 21),
    ],
    ['probing: another call fails without a reason', probing('failing'), bare, fifth, probing('failing')],
    ['probing: the trial of failures succeeds', probing('failing', 3), success, trial, ready],
    ['probing: the trial of failures is refused', probing('failing'), wrong, trial, refusedNow],
  ])('moves on after an attempt as the table says: %s', (_name, health, outcome, more, next) => {
    expect(settleKey(health, ended(outcome, more), now)).toEqual(next)
  })

  it.each(Object.entries(states))(
    'that is %s is not changed by outcomes that say nothing of it',
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
  ])('that is %s is not changed by calls that began before', (_name, health) => {
    for (const outcome of [success, wrong, bare]) {
      for (const isTrial of [true, false])
        for (const isTrusted of [true, false])
          for (const wasAccepted of [true, false])
            expect(
              settleKey(health, ended(outcome, { isTrial, isTrusted, wasAccepted, ...fifth }), now),
            ).toBe(health)
    }
  })

  it('cools down twice as long after each trial that fails without a reason, up to a day', () => {
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

  it('is invalid by the kind of the outcome where the upstream gave no reason', () => {
    expect(settleKey(ready, ended({ kind: 'unauthorized', fault: 'key' }), now)).toMatchObject({
      status: 'invalid',
      reason: 'unauthorized',
    })
  })
})

describe('a probe of a secret', () => {
  const trusted = (outcome: Outcome) => ({ outcome, isTrusted: true })
  const suspected = (outcome: Outcome) => ({ outcome, isTrusted: false })

  it.each<KeyTrouble>(['refused', 'failing'])('half-opens it when it succeeds: %s', (trouble) => {
    expect(settleProbe(cooling(trouble, 3), trusted(success), now)).toEqual(probing(trouble, 3))
  })

  it.each<KeyTrouble>(['refused', 'failing'])('makes it invalid when it is refused: %s', (trouble) => {
    expect(settleProbe(cooling(trouble), trusted(wrong), now)).toEqual(refusedNow)
  })

  it('means a longer cooldown each time while all keys are refused', () => {
    const minutes: number[] = []
    let health: KeyHealth = refusedFor(minute, 1)
    for (let round = 0; round < 4; round++) {
      health = settleProbe(health, suspected(wrong), now)
      minutes.push(health.status === 'cooling' ? (health.until - now) / minute : 0)
    }
    expect(minutes).toEqual([10, 60, 60, 60])
  })

  it('is repeated a minute later when it says nothing of the secret, with the same strikes', () => {
    for (const outcome of [bare, ...others]) {
      for (const trouble of ['refused', 'failing'] as const)
        expect(settleProbe(cooling(trouble, 2), trusted(outcome), now + minute)).toEqual({
          ...cooling(trouble, 2),
          until: now + 2 * minute,
        })
    }
  })

  it.each<[string, KeyHealth]>([
    ['ready', ready],
    ['probing', probing('refused')],
    ['invalid', invalid],
  ])('changes nothing of a secret that is %s meanwhile', (_name, health) => {
    for (const outcome of [success, wrong, bare, ...others]) {
      expect(settleProbe(health, trusted(outcome), now)).toBe(health)
      expect(settleProbe(health, suspected(outcome), now)).toBe(health)
    }
  })
})

describe('a secret whose cooldown is over without a probe', () => {
  it('is tried by one live request, not a moment before', () => {
    for (const trouble of ['refused', 'failing'] as const) {
      const health = cooling(trouble, 2)
      expect(endKeyCooldown(health, now + minute - 1)).toBe(health)
      expect(endKeyCooldown(health, now + minute)).toEqual(probing(trouble, 2))
    }
  })

  it('keeps any other health than a cooldown', () => {
    for (const health of [ready, probing('failing'), invalid])
      expect(endKeyCooldown(health, now + 1e9)).toBe(health)
  })
})

describe('the cooldown of a secret', () => {
  it('keeps its length when the clock is set', () => {
    expect(shiftedCooldown(cooling('failing'), -minute)).toEqual({ ...cooling('failing'), until: now })
    for (const health of [ready, probing('failing'), invalid])
      expect(shiftedCooldown(health, minute)).toBe(health)
  })
})
