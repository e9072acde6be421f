import { describe, expect, it } from 'vitest'
import { type FakeRuntime, fakeRuntime } from '../../testing/fake-runtime.js'
import { RetryBudget, type RetryBudgetOptions } from './retry-budget.js'

function budgetOf(options: RetryBudgetOptions = {}): { budget: RetryBudget; runtime: FakeRuntime } {
  const runtime = fakeRuntime()
  return { budget: new RetryBudget(options, runtime), runtime }
}

/** How many retries fit now. */
function spent(budget: RetryBudget): number {
  let count = 0
  while (count < 10_000 && budget.spend()) count++
  return count
}

describe('a retry budget', () => {
  it('allows ten retries a second, in any ten seconds, without a request', () => {
    expect(spent(budgetOf().budget)).toBe(100)
  })

  it('allows a fifth of the requests of the last ten seconds beside that', () => {
    const { budget, runtime } = budgetOf()
    for (let index = 0; index < 1_000; index++) budget.begin(runtime.monotonic())
    expect(spent(budget)).toBe(300)
  })

  it('is exact: what was spent is there again ten seconds later, and not before', () => {
    const { budget, runtime } = budgetOf({ maxShare: 0, perSecond: 1 })
    expect(spent(budget)).toBe(10)
    runtime.advance(9_999 - (runtime.monotonic() % 1_000))
    expect(spent(budget)).toBe(0)
    runtime.advance(1)
    expect(spent(budget)).toBe(10)
  })

  it('forgets requests after ten seconds, and all of them after a pause', () => {
    const { budget, runtime } = budgetOf({ maxShare: 1, perSecond: 0 })
    for (let second = 0; second < 10; second++) {
      budget.begin(runtime.monotonic())
      runtime.advance(1_000)
    }
    expect(spent(budget)).toBe(9)
    runtime.advance(60_000)
    expect(spent(budget)).toBe(0)
  })

  it('allows nothing when both are 0', () => {
    expect(spent(budgetOf({ maxShare: 0, perSecond: 0 }).budget)).toBe(0)
  })
})
