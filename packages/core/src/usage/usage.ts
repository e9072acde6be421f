/** Tokens of one call as the upstream reported them. */
export interface Usage {
  /** Tokens of the input, cached ones included. */
  readonly promptTokens: number
  /** Tokens of the output, reasoning included. */
  readonly completionTokens: number
  readonly totalTokens: number
  /** The part of `promptTokens` that the upstream served from its cache. */
  readonly cachedTokens: number
  /** The part of `completionTokens` spent on reasoning. */
  readonly reasoningTokens: number
}
