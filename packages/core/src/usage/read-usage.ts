import { isRecord } from '../wire/json.js'
import { noTokens, type Usage } from './usage.js'
import { wholeCount } from './whole-count.js'

/** Reads an upstream's usage object, whatever it calls its fields; null when it holds no counts. */
export function readUsage(usage: Record<string, unknown>): Usage | null {
  const promptDetails = recordOf(usage.prompt_tokens_details ?? usage.input_tokens_details)
  const completionDetails = recordOf(usage.completion_tokens_details ?? usage.output_tokens_details)
  // Anthropic counts tokens that came from its cache, or went there, beside the input; other APIs count them in it.
  const besideInput = count(usage.cache_read_input_tokens) + count(usage.cache_creation_input_tokens)
  const promptTokens = count(usage.prompt_tokens ?? usage.input_tokens) + besideInput
  const completionTokens = count(usage.completion_tokens ?? usage.output_tokens)
  const totalTokens = count(usage.total_tokens) || promptTokens + completionTokens
  const audioSeconds = usage.type === 'duration' ? seconds(usage.seconds) : 0
  if (audioSeconds > 0) return { ...noTokens, audioSeconds }
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

/** A count that can be summed and stored: what is no whole number, or more than any call uses, is a fault. */
const count = (value: unknown): number => (typeof value === 'number' ? wholeCount(value) : 0)

/** Lengths have fractions. */
const seconds = (value: unknown): number =>
  typeof value === 'number' ? wholeCount(value * 1_000) / 1_000 : 0

/** The value itself, or an empty object for anything that is not an object. */
export const recordOf = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {})
