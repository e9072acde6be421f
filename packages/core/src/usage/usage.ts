import { checkFigure } from '../validation.js'

/** What one call used, as the upstream reported it: tokens, and other units. */
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
  /** Images generated. @default 0 */
  readonly images?: number
  /** Videos generated. @default 0 */
  readonly videos?: number
  /** UTF-8 bytes of text turned into speech. @default 0 */
  readonly speechBytes?: number
  /** Length of the audio that was transcribed, in seconds. @default 0 */
  readonly audioSeconds?: number
}

/** The units of usage beside tokens. */
export const unitNames = ['images', 'videos', 'speechBytes', 'audioSeconds'] as const

/** What a call used beside tokens; units that it did not use are left out. */
export type Units = Partial<Record<(typeof unitNames)[number], number>>

export const noTokens: Usage = Object.freeze({
  promptTokens: 0,
  completionTokens: 0,
  totalTokens: 0,
  cachedTokens: 0,
  reasoningTokens: 0,
})

/** Throws a `ConfigError` for a usage that cannot be counted: a single NaN would break every limit. */
export function checkUsage({ promptTokens, completionTokens, totalTokens }: Usage): void {
  checkFigure('usage.promptTokens', promptTokens)
  checkFigure('usage.completionTokens', completionTokens)
  checkFigure('usage.totalTokens', totalTokens)
}
