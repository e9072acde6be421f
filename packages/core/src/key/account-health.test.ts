import { describe, expect, it } from 'vitest'
import { blocks, type LackingFunds, type NeededFunds } from '../money/funds.js'
import type { Fault, Outcome } from '../outcome/outcome.js'
import {
  type AccountEvidence,
  coolUntil,
  endCooldown,
  type Health,
  invalidated,
  isTimed,
  ready,
  settleAccount,
  subjectOf,
  wouldBeTrial,
} from './account-health.js'

const now = 1_800_000_000_000
const minute = 60_000
const halfHour = 30 * minute

const cooling: Health = { status: 'cooling', until: now + minute, reason: 'daily quota', strikes: 1 }
const exhausted: Health = { status: 'exhausted', until: now + minute, funds: 'any', strikes: 2 }
const probing: Health = { status: 'probing', after: 'exhausted', funds: 'any', strikes: 2 }
const probingAfterCooling: Health = { status: 'probing', after: 'cooling', strikes: 1 }
const invalid: Health = { status: 'invalid', reason: 'User disabled.', since: now - 1 }

const success: Outcome = { kind: 'success' }
const noMoney: Outcome = { kind: 'insufficient-balance', fault: 'funds' }
const closed: Outcome = { kind: 'unauthorized', fault: 'disabled', message: 'User expired.' }
const others: readonly Outcome[] = [
  { kind: 'aborted' },
  { kind: 'rejected', fault: 'caller' },
  { kind: 'rejected', fault: 'model' },
  { kind: 'rejected', fault: 'permission' },
  { kind: 'unauthorized', fault: 'key' },
  { kind: 'rate-limited', fault: 'limit' },
  { kind: 'upstream-error', fault: 'overload' },
  { kind: 'upstream-error', fault: 'ip-block' },
  { kind: 'network-error', fault: 'network' },
  { kind: 'timeout', fault: 'network', maybeRan: true },
  { kind: 'truncated', fault: 'network', maybeRan: true },
]

const exhaustedAnew = (strikes: number, lengthMs: number): Health => ({
  status: 'exhausted',
  until: now + lengthMs,
  funds: 'any',
  strikes,
})
const closedNow: Health = { status: 'invalid', reason: 'User expired.', since: now }

/** An attempt of the usual kind: for a model that takes any money, its outcome trusted. */
const ended = (outcome: Outcome, isTrial = false, more: Partial<AccountEvidence> = {}): AccountEvidence => ({
  outcome,
  isTrial,
  needs: 'any',
  isTrusted: true,
  ...more,
})

describe('the health of an account', () => {
  /** The state; then the states after a success, a lack of money and a closed account. */
  it.each<[string, Health, boolean, Health, Health, Health]>([
    ['ready', ready, false, ready, exhaustedAnew(1, halfHour), closedNow],
    [
      'cooling',
      cooling,
      false,
      cooling,
      { ...exhaustedAnew(1, halfHour), funds: 'all' } as Health,
      closedNow,
    ],
    ['exhausted', exhausted, false, exhausted, exhausted, closedNow],
    ['probing', probing, true, ready, exhaustedAnew(3, 4 * halfHour), closedNow],
    ['probing', probing, false, probing, probing, closedNow],
    ['probing', probingAfterCooling, true, ready, exhaustedAnew(1, halfHour), closedNow],
    ['invalid', invalid, false, invalid, invalid, invalid],
  ])(
    'moves on from %s as the table says: %j, settled by the trial: %s',
    (_name, health, isTrial, onSuccess, onNoMoney, onClosed) => {
      expect(settleAccount(health, ended(success, isTrial), now)).toEqual(onSuccess)
      expect(settleAccount(health, ended(noMoney, isTrial), now)).toEqual(onNoMoney)
      expect(settleAccount(health, ended(closed, isTrial), now)).toEqual(onClosed)
    },
  )

  it('is the same object after every other outcome', () => {
    for (const health of [ready, cooling, exhausted, probing, invalid]) {
      for (const outcome of others) {
        for (const isTrial of [true, false])
          expect(settleAccount(health, ended(outcome, isTrial), now)).toBe(health)
      }
    }
  })

  it('is half-open again after half an hour without money, then after twice as long, up to a day', () => {
    const hours: number[] = []
    let health: Health = ready
    for (let trial = 0; trial < 8; trial++) {
      health = settleAccount(health, ended(noMoney, trial > 0), now)
      hours.push(((isTimed(health) ? health.until : now) - now) / (2 * halfHour))
      health = endCooldown(health, now + 48 * 60 * minute)
    }
    expect(hours).toEqual([0.5, 1, 2, 4, 8, 16, 24, 24])
  })

  it('says which kind of money was missing', () => {
    const outcome: Outcome = { ...noMoney, funds: 'charged' }
    expect(settleAccount(ready, ended(outcome), now)).toMatchObject({ funds: 'charged' })
  })

  it.each<[NeededFunds, LackingFunds]>([
    ['charged', 'charged'],
    ['any', 'any'],
    ['nothing', 'all'],
  ])('says after a refusal of a model that needs %s money that %s is missing', (needs, funds) => {
    expect(settleAccount(ready, ended(noMoney, false, { needs }), now)).toMatchObject({
      status: 'exhausted',
      funds,
    })
  })

  it('only ever finds more money missing, until a trial succeeds', () => {
    const charged = settleAccount(ready, ended(noMoney, false, { needs: 'charged' }), now)
    const any = settleAccount(charged, ended(noMoney), now)
    expect(any).toMatchObject({ funds: 'any' })
    expect(settleAccount(any, ended(noMoney, false, { needs: 'charged' }), now)).toBe(any)
    expect(settleAccount(any, ended(noMoney, false, { needs: 'nothing' }), now)).toMatchObject({
      funds: 'all',
    })
    expect(settleAccount(probing, ended(noMoney, false, { needs: 'nothing' }), now)).toMatchObject({
      funds: 'all',
    })
  })

  it('still lacks vouchers after a trial that took recharged money only', () => {
    expect(settleAccount(probing, ended(noMoney, true, { needs: 'charged' }), now)).toMatchObject({
      status: 'exhausted',
      funds: 'any',
      strikes: 3,
    })
  })

  it('lacks more money after a call beside the trial whose kind of money was thought to be there', () => {
    const lacksCharged: Health = { ...probing, funds: 'charged' }
    expect(settleAccount(lacksCharged, ended(noMoney), now)).toMatchObject({
      status: 'exhausted',
      funds: 'any',
    })
    expect(settleAccount(lacksCharged, ended(noMoney, false, { needs: 'charged' }), now)).toBe(lacksCharged)
  })

  it('cools down for minutes, and is not invalid, while the upstream refuses all accounts alike', () => {
    const suspected = { isTrusted: false }
    const first = settleAccount(ready, ended(noMoney, false, suspected), now)
    expect(first).toMatchObject({ status: 'exhausted', until: now + minute })
    const second = settleAccount(endCooldown(first, now + minute), ended(noMoney, true, suspected), now)
    expect(second).toMatchObject({ status: 'exhausted', until: now + 2 * minute, strikes: 2 })
    expect(settleAccount(ready, ended(closed, false, suspected), now)).toEqual({
      status: 'cooling',
      until: now + minute,
      reason: 'User expired.',
      strikes: 1,
    })
  })

  it('is invalid for the reason that the upstream gave', () => {
    const outcome: Outcome = { kind: 'unauthorized', fault: 'key' }
    expect(invalidated({ ...outcome, message: 'Token is invalid.' }, now)).toEqual({
      status: 'invalid',
      reason: 'Token is invalid.',
      since: now,
    })
    expect(invalidated(outcome, now)).toMatchObject({ reason: 'unauthorized' })
  })
})

describe('missing money', () => {
  it.each<[LackingFunds, NeededFunds[]]>([
    ['charged', ['charged']],
    ['any', ['any', 'charged']],
    ['all', ['nothing', 'any', 'charged']],
  ])('of kind %s keeps an account from models that need %j', (funds, kept) => {
    const needs: NeededFunds[] = ['nothing', 'any', 'charged']
    expect(needs.filter((each) => blocks(funds, each))).toEqual(kept)
    const trial: Health = { status: 'probing', after: 'exhausted', funds, strikes: 1 }
    expect(needs.filter((each) => wouldBeTrial(trial, each))).toEqual(kept)
  })

  it('is tried by requests that need it only, while a cooldown is tried by any request', () => {
    expect(wouldBeTrial(probingAfterCooling, 'nothing')).toBe(true)
    for (const health of [ready, cooling, exhausted, invalid]) expect(wouldBeTrial(health, 'any')).toBe(false)
  })
})

describe('a cooldown of the whole account', () => {
  it('half-opens the account when it is over, not before', () => {
    expect(endCooldown(cooling, now)).toBe(cooling)
    expect(endCooldown(cooling, now + minute)).toEqual({ status: 'probing', after: 'cooling', strikes: 1 })
    expect(endCooldown(exhausted, now + minute)).toEqual(probing)
  })

  it('is not ended in any other state', () => {
    for (const health of [ready, probing, invalid])
      expect(endCooldown(health, Number.MAX_SAFE_INTEGER)).toBe(health)
  })

  it('is begun or made longer, never shorter', () => {
    const later = now + 2 * minute
    expect(coolUntil(ready, later, 'quota')).toEqual({
      status: 'cooling',
      until: later,
      reason: 'quota',
      strikes: 1,
    })
    expect(coolUntil(cooling, later, 'quota')).toMatchObject({ until: later })
    expect(coolUntil(cooling, now + 1, 'quota')).toBe(cooling)
    expect(coolUntil(probing, later, 'quota')).toMatchObject({ until: later, strikes: 3 })
  })

  it('does not replace the health of an account that is exhausted or invalid', () => {
    expect(coolUntil(exhausted, now + 10 * minute, 'quota')).toBe(exhausted)
    expect(coolUntil(invalid, now + 10 * minute, 'quota')).toBe(invalid)
  })
})

describe('the subject of an outcome', () => {
  it.each<[Fault | undefined, ReturnType<typeof subjectOf>]>([
    ['key', 'key'],
    ['disabled', 'account'],
    ['funds', 'account'],
    ['permission', 'account-model'],
    ['limit', 'account-model'],
    ['overload', 'account-model'],
    ['ip-block', 'account-model'],
    ['network', 'none'],
    ['caller', 'none'],
    ['model', 'none'],
    [undefined, 'none'],
  ])('of fault %s is %s', (fault, subject) => {
    expect(subjectOf({ kind: 'rejected', ...(fault && { fault }) })).toBe(subject)
  })

  it('is the whole account when the upstream said so', () => {
    expect(subjectOf({ kind: 'rate-limited', fault: 'limit', accountWide: true })).toBe('account')
  })

  it('is account and model after a fault of the network only when the call had left', () => {
    expect(subjectOf({ kind: 'timeout', fault: 'network', maybeRan: true })).toBe('account-model')
    expect(subjectOf({ kind: 'timeout', fault: 'network', maybeRan: false })).toBe('none')
  })

  it('is none when the time for all attempts was over', () => {
    expect(subjectOf({ kind: 'timeout', fault: 'network', maybeRan: true, phase: 'total' })).toBe('none')
  })
})
