import { type Units, type Usage, unitNames } from './usage.js'

/** Combines what two events of one stream report: the counts are cumulative, so the larger one of each is right. */
export function largestUsage(one: Usage | null, other: Usage | null): Usage | null {
  if (one === null || other === null) return one ?? other
  const promptTokens = Math.max(one.promptTokens, other.promptTokens)
  const completionTokens = Math.max(one.completionTokens, other.completionTokens)
  return {
    promptTokens,
    completionTokens,
    totalTokens: Math.max(one.totalTokens, other.totalTokens, promptTokens + completionTokens),
    cachedTokens: Math.max(one.cachedTokens, other.cachedTokens),
    reasoningTokens: Math.max(one.reasoningTokens, other.reasoningTokens),
    ...largestUnits(one, other),
  }
}

function largestUnits(one: Usage, other: Usage): Units {
  const units: Units = {}
  for (const name of unitNames) {
    const most = Math.max(one[name] ?? 0, other[name] ?? 0)
    if (most > 0) units[name] = most
  }
  return units
}
