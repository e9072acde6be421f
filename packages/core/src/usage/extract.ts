import type { Usage } from './usage.js'

/**
 * The usage a parsed reply reports, or null. Knows OpenAI's `usage`, Anthropic's `usage` (also inside `message`),
 * and rerank's `tokens` and `meta.tokens`.
 */
export function usageOf(reply: unknown): Usage | null {
  if (!isRecord(reply)) return null
  const message = isRecord(reply.message) ? reply.message : undefined
  const meta = isRecord(reply.meta) ? reply.meta : undefined
  const found = [reply.usage, message?.usage, reply.tokens, meta?.tokens].find(isRecord)
  return found === undefined ? null : readUsage(found)
}

/** Combines what several events of one stream reported: the figures only grow, so the largest of each holds. */
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
  }
}

/**
 * The usage in the last bytes of a large JSON reply, where it stands after megabytes of vectors. Null when it does
 * not stand there whole.
 */
export function usageInTail(tail: string): Usage | null {
  const at = tail.lastIndexOf('"usage"')
  const open = at === -1 ? -1 : tail.indexOf('{', at)
  if (open === -1) return null
  let depth = 0
  for (let index = open; index < tail.length; index++) {
    if (tail[index] === '{') depth++
    else if (tail[index] === '}' && --depth === 0) return parseUsage(tail.slice(open, index + 1))
  }
  return null
}

function parseUsage(text: string): Usage | null {
  try {
    const parsed: unknown = JSON.parse(text)
    return isRecord(parsed) ? readUsage(parsed) : null
  } catch {
    return null
  }
}

function readUsage(usage: Record<string, unknown>): Usage | null {
  const promptDetails = isRecord(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {}
  const completionDetails = isRecord(usage.completion_tokens_details) ? usage.completion_tokens_details : {}
  const promptTokens = count(usage.prompt_tokens ?? usage.input_tokens)
  const completionTokens = count(usage.completion_tokens ?? usage.output_tokens)
  const totalTokens = count(usage.total_tokens) || promptTokens + completionTokens
  if (totalTokens === 0 && usage.prompt_tokens === undefined && usage.input_tokens === undefined) return null
  return {
    promptTokens,
    completionTokens,
    totalTokens,
    cachedTokens: count(
      promptDetails.cached_tokens ?? usage.prompt_cache_hit_tokens ?? usage.cache_read_input_tokens,
    ),
    reasoningTokens: count(completionDetails.reasoning_tokens),
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const count = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0
