import { checkFigure } from '../validation.js'

/** Tokens of one call as the upstream reported them, and what else it used. */
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
  /** Pictures made. @default 0 */
  readonly images?: number
  /** Films made. @default 0 */
  readonly videos?: number
  /** UTF-8 bytes of text that was spoken. @default 0 */
  readonly speechBytes?: number
  /** Length of the sound that was listened to, in seconds. @default 0 */
  readonly audioSeconds?: number
}

/** What calls use that is not counted in tokens. */
export const unitNames = ['images', 'videos', 'speechBytes', 'audioSeconds'] as const

/** What a call used beside tokens; only what there is some of. */
export type Units = Partial<Record<(typeof unitNames)[number], number>>

export const noTokens: Usage = Object.freeze({
  promptTokens: 0,
  completionTokens: 0,
  totalTokens: 0,
  cachedTokens: 0,
  reasoningTokens: 0,
})

/** Throws a `ConfigError` for a usage that cannot be counted: one NaN among the counts, and no limit holds any more. */
export function checkUsage({ promptTokens, completionTokens, totalTokens }: Usage): void {
  checkFigure('usage.promptTokens', promptTokens)
  checkFigure('usage.completionTokens', completionTokens)
  checkFigure('usage.totalTokens', totalTokens)
}
