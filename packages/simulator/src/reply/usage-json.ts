/** The token counts of a chat reply. */
export interface ChatUsage {
  promptTokens: number
  cachedTokens: number
  completionTokens: number
  reasoningTokens: number
}

/** Makes the `usage` object of a whole reply, with every field. */
export function fullUsage(usage: ChatUsage): Record<string, unknown> {
  const { promptTokens, cachedTokens, completionTokens, reasoningTokens } = usage
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    completion_tokens_details: { reasoning_tokens: reasoningTokens },
    prompt_tokens_details: { cached_tokens: cachedTokens },
    prompt_cache_hit_tokens: cachedTokens,
    prompt_cache_miss_tokens: promptTokens - cachedTokens,
  }
}

/** Makes the `usage` of a stream's chunk as JSON text. Details appear once they are not zero. */
export function chunkUsage({
  promptTokens,
  cachedTokens,
  completionTokens,
  reasoningTokens,
}: ChatUsage): string {
  const total = promptTokens + completionTokens
  let text = `{"prompt_tokens":${promptTokens},"completion_tokens":${completionTokens},"total_tokens":${total}`
  if (reasoningTokens > 0) text += `,"completion_tokens_details":{"reasoning_tokens":${reasoningTokens}}`
  if (cachedTokens > 0) {
    text += `,"prompt_tokens_details":{"cached_tokens":${cachedTokens}},"prompt_cache_hit_tokens":${cachedTokens}`
    text += `,"prompt_cache_miss_tokens":${promptTokens - cachedTokens}`
  }
  return `${text}}`
}
