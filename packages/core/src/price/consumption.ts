/** What a call used, as far as it costs money. What is left out was not used. */
export interface Consumption {
  /** Tokens of the input, cached ones included. */
  readonly promptTokens?: number
  /** The part of `promptTokens` that the upstream served from its cache. */
  readonly cachedTokens?: number
  /** Tokens of the output, reasoning included. */
  readonly completionTokens?: number
  /** The part of `completionTokens` spent on reasoning. */
  readonly reasoningTokens?: number
  /** Pictures made. */
  readonly images?: number
  /** Films made. */
  readonly videos?: number
  /** UTF-8 bytes of text that was spoken. */
  readonly speechBytes?: number
  /** Length of the sound that was listened to, in seconds. */
  readonly audioSeconds?: number
  /** It was part of a batch, which costs `batchFactor` of the list. @default false */
  readonly isBatch?: boolean
}
