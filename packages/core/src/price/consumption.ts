/** What a call used that may cost money. A unit that is left out was not used. */
export interface Consumption {
  /** Tokens of the input, cached ones included. */
  readonly promptTokens?: number
  /** The part of `promptTokens` that the upstream served from its cache. */
  readonly cachedTokens?: number
  /** Tokens of the output, reasoning included. */
  readonly completionTokens?: number
  /** The part of `completionTokens` spent on reasoning. */
  readonly reasoningTokens?: number
  /** Images generated. */
  readonly images?: number
  /** Videos generated. */
  readonly videos?: number
  /** UTF-8 bytes of text turned into speech. */
  readonly speechBytes?: number
  /** Length of the audio that was transcribed, in seconds. */
  readonly audioSeconds?: number
  /** The call was part of a batch, which costs the list's price times `batchFactor`. @default false */
  readonly isBatch?: boolean
}
