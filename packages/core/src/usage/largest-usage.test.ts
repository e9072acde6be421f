import { describe, expect, it } from 'vitest'
import { largestUsage } from './largest-usage.js'
import type { Usage } from './usage.js'

const usage = (promptTokens: number, completionTokens: number, more: Partial<Usage> = {}): Usage => ({
  promptTokens,
  completionTokens,
  totalTokens: promptTokens + completionTokens,
  cachedTokens: 0,
  reasoningTokens: 0,
  ...more,
})

describe('largestUsage', () => {
  it('the larger one of each count of two events is kept, because counts are cumulative', () => {
    const start = usage(20, 1, { cachedTokens: 8 })
    const end = usage(0, 30, { reasoningTokens: 12 })
    const both = usage(20, 30, { cachedTokens: 8, reasoningTokens: 12 })
    expect(largestUsage(start, end)).toEqual(both)
    expect(largestUsage(end, start)).toEqual(both)
    expect(largestUsage(both, both)).toEqual(both)
  })

  it('the usage of one event is kept when the other reported none', () => {
    expect(largestUsage(null, usage(1, 2))).toEqual(usage(1, 2))
    expect(largestUsage(usage(1, 2), null)).toEqual(usage(1, 2))
    expect(largestUsage(null, null)).toBeNull()
  })
})
