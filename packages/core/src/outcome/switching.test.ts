import { describe, expect, it } from 'vitest'
import type { Route } from '../provider/provider.js'
import type { Fault, Outcome, OutcomeKind } from './outcome.js'
import { blamesKey, canSwitch, isInconclusive } from './switching.js'

const safe: Route = { name: 'chat', repeat: 'safe', terminator: 'done' }
const precious: Route = { name: 'images', repeat: 'if-refused', terminator: 'none' }

const outcomes: [Fault, OutcomeKind, { switches: boolean; inconclusive: boolean; blames: boolean }][] = [
  ['caller', 'rejected', { switches: false, inconclusive: false, blames: false }],
  ['model', 'rejected', { switches: false, inconclusive: false, blames: false }],
  ['permission', 'rejected', { switches: true, inconclusive: false, blames: false }],
  ['key', 'unauthorized', { switches: true, inconclusive: false, blames: true }],
  ['disabled', 'unauthorized', { switches: true, inconclusive: false, blames: true }],
  ['funds', 'insufficient-balance', { switches: true, inconclusive: false, blames: true }],
  ['limit', 'rate-limited', { switches: true, inconclusive: false, blames: true }],
  ['overload', 'upstream-error', { switches: true, inconclusive: true, blames: false }],
  ['ip-block', 'upstream-error', { switches: true, inconclusive: true, blames: false }],
  ['network', 'network-error', { switches: true, inconclusive: true, blames: false }],
  ['network', 'timeout', { switches: true, inconclusive: true, blames: false }],
  ['network', 'truncated', { switches: true, inconclusive: true, blames: false }],
]

describe.each(outcomes)('an outcome of fault %s (%s)', (fault, kind, { switches, inconclusive, blames }) => {
  const outcome: Outcome = { kind, fault }

  it(`${switches ? 'may be tried again on another key' : 'is final'}`, () => {
    expect(canSwitch(outcome, safe)).toBe(switches)
    expect(canSwitch({ ...outcome, maybeRan: false }, precious)).toBe(switches)
  })

  it('is final when a call may have run that must not run twice', () => {
    expect(canSwitch({ ...outcome, maybeRan: true }, safe)).toBe(switches)
    expect(canSwitch({ ...outcome, maybeRan: true }, precious)).toBe(false)
  })

  it(`is ${inconclusive ? 'inconclusive' : 'conclusive'}, and ${blames ? 'blames' : 'does not blame'} the key`, () => {
    expect(isInconclusive(outcome)).toBe(inconclusive)
    expect(blamesKey(outcome)).toBe(blames)
  })
})

it('an outcome is final when the client left or the time for all attempts is over', () => {
  expect(canSwitch({ kind: 'aborted' }, safe)).toBe(false)
  expect(canSwitch({ kind: 'timeout', fault: 'network', phase: 'total' }, safe)).toBe(false)
  expect(canSwitch({ kind: 'timeout', fault: 'network', phase: 'idle' }, safe)).toBe(true)
})
