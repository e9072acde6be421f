import { noTokens, type Units, type Usage, unitNames } from './usage.js'

/**
 * The usage a parsed reply reports, or null. Knows OpenAI's `usage` (inside `response` where a stream of responses
 * ends), Anthropic's `usage` (inside `message` where a stream begins), rerank's `tokens` and `meta.tokens`, and pictures,
 which are counted.
 */
export function usageOf(reply: unknown): Usage | null {
  if (!isRecord(reply)) return null
  const { message, response, meta } = reply
  const found = [reply, message, response]
    .map((holder) => record(holder).usage)
    .concat([reply.tokens, record(meta).tokens])
    .find(isRecord)
  const usage = found === undefined ? null : readUsage(found)
  const images = picturesIn(reply)
  return images === 0 ? usage : { ...(usage ?? noTokens), images }
}

/** SiliconFlow lists pictures as `images`, OpenAI as `data`, where embeddings stand too. */
function picturesIn({ images, data }: Record<string, unknown>): number {
  const listed = Array.isArray(images) ? images : Array.isArray(data) ? data : []
  const isPicture = ({ url, b64_json }: Record<string, unknown>): boolean =>
    typeof url === 'string' || typeof b64_json === 'string'
  // One look tells embeddings from pictures.
  return isPicture(record(listed[0])) ? listed.length : 0
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

/**
 * The usage in the last bytes of a large JSON reply, where it stands after megabytes of vectors. Null when it does
 * not stand there whole.
 */
export function usageInTail(tail: string): Usage | null {
  return usageBehind('"usage"', tail) ?? usageBehind('"tokens"', tail)
}

function usageBehind(name: string, tail: string): Usage | null {
  const at = tail.lastIndexOf(name)
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
  const promptDetails = record(usage.prompt_tokens_details ?? usage.input_tokens_details)
  const completionDetails = record(usage.completion_tokens_details ?? usage.output_tokens_details)
  // Anthropic counts what came from its cache, or went there, beside the input; everybody else counts it in.
  const besideInput = count(usage.cache_read_input_tokens) + count(usage.cache_creation_input_tokens)
  const promptTokens = count(usage.prompt_tokens ?? usage.input_tokens) + besideInput
  const completionTokens = count(usage.completion_tokens ?? usage.output_tokens)
  const totalTokens = count(usage.total_tokens) || promptTokens + completionTokens
  const audioSeconds = usage.type === 'duration' ? count(usage.seconds) : 0
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

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const count = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0

const record = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {})
