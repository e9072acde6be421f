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

describe.each(outcomes)('%s (%s)', (fault, kind, { switches, inconclusive, blames }) => {
  const outcome: Outcome = { kind, fault }

  it(`is ${switches ? 'for another key' : 'final'}`, () => {
    expect(canSwitch(outcome, safe)).toBe(switches)
    expect(canSwitch({ ...outcome, maybeRan: false }, precious)).toBe(switches)
  })

  it('is final when it may have run what should not run twice', () => {
    expect(canSwitch({ ...outcome, maybeRan: true }, safe)).toBe(switches)
    expect(canSwitch({ ...outcome, maybeRan: true }, precious)).toBe(false)
  })

  it(`is ${inconclusive ? 'no verdict' : 'a verdict'}, ${blames ? 'on' : 'not on'} the key`, () => {
    expect(isInconclusive(outcome)).toBe(inconclusive)
    expect(blamesKey(outcome)).toBe(blames)
  })
})

it('a client that left, and a request whose time is over, are final', () => {
  expect(canSwitch({ kind: 'aborted' }, safe)).toBe(false)
  expect(canSwitch({ kind: 'timeout', fault: 'network', phase: 'total' }, safe)).toBe(false)
  expect(canSwitch({ kind: 'timeout', fault: 'network', phase: 'idle' }, safe)).toBe(true)
})
