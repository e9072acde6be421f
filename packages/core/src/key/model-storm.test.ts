import { describe, expect, it } from 'vitest'
import { ModelStorm } from './model-storm.js'

const now = Date.UTC(2026, 8, 1, 12)
const [one, other] = [{ id: 'one' }, { id: 'other' }]

function storm(...failures: readonly [{ id: string }, number][]): ModelStorm<{ id: string }> {
  const found = new ModelStorm<{ id: string }>()
  for (const [account, at] of failures) found.failed(account, at)
  return found
}

describe('a storm', () => {
  it('is over for all accounts when one of them serves a call that began after their failures', () => {
    expect(storm([one, now], [other, now + 1]).succeeded(one, now + 2, now + 50)).toEqual([other])
  })

  it('goes on for an account that failed after the call began', () => {
    expect(storm([one, now], [other, now + 10]).succeeded(one, now + 2, now + 50)).toBeNull()
  })

  it('is not one when a single account fails', () => {
    expect(storm([one, now]).succeeded(one, now + 2, now + 50)).toBeNull()
  })

  it('is not over by an account that never failed in it: it may be the only good one', () => {
    expect(storm([one, now], [other, now]).succeeded({ id: 'third' }, now + 2, now + 50)).toBeNull()
  })

  it('is not over by a call that began before the account failed', () => {
    expect(storm([one, now], [other, now - 9]).succeeded(one, now - 1, now + 50)).toBeNull()
  })

  it('lifts the cooldown of an account at most every five seconds while it does not serve itself', () => {
    const found = storm([one, now], [other, now])
    expect(found.succeeded(one, now + 1, now + 50)).toEqual([other])
    found.failed(other, now + 100)
    expect(found.succeeded(one, now + 101, now + 150)).toBeNull()
    expect(found.succeeded(one, now + 101, now + 5_051)).toEqual([other])
  })

  it('forgets an account that serves again', () => {
    const found = storm([one, now], [other, now])
    found.forget(other)
    expect(found.succeeded(one, now + 1, now + 50)).toBeNull()
  })
})
