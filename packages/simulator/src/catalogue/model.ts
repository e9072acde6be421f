import type { Limits } from '../account/limits.js'

/** `cn` is the site in China (yuan), `com` the international one (dollars); they share nothing. */
export type SiteName = 'cn' | 'com'

export const siteNames: readonly SiteName[] = ['cn', 'com']

export type ModelType = 'text' | 'image' | 'audio' | 'video'

export type ModelSubType =
  | 'chat'
  | 'embedding'
  | 'reranker'
  | 'text-to-image'
  | 'image-to-image'
  | 'speech-to-text'
  | 'text-to-speech'
  | 'text-to-video'

/** Where a stream carries its usage: in every chunk, in one trailing chunk without choices, or on the finish chunk. */
export type UsageMode = 'every-chunk' | 'trailing' | 'finish'

/**
 * Odd behaviour that was observed in streams. `broken-tool-deltas`: tool calls come without id and name.
 * `empty-finish-reason`: `finish_reason` is `""` instead of null until the end. `stop-after-tools`: it ends as `stop`
 * although tools were called, also in a whole answer.
 */
export type ModelQuirk = (typeof modelQuirks)[number]

export const modelQuirks = ['broken-tool-deltas', 'empty-finish-reason', 'stop-after-tools'] as const

/** One line of a price list. The first line whose conditions hold sets the price. Amounts are decimal strings. */
export interface PriceLine {
  /** Per million input tokens. */
  input?: string
  /** Per million input tokens found in the cache. Default: the price of input. */
  cachedInput?: string
  /** Per million output tokens, reasoning included. */
  output?: string
  perImage?: string
  perVideo?: string
  /** Per thousand UTF-8 bytes of text to speak. */
  perKilobyte?: string
  /** Only for prompts longer than this many tokens. */
  aboveInputTokens?: number
  /** Only from the first to before the second hour of the day in Beijing. */
  hours?: readonly [number, number]
}

/** The facts of a model in the catalogue. */
export interface Model {
  id: string
  /** The site that offers the model. Default: both sites. An entry with a site wins over one without. */
  site?: SiteName
  type: ModelType
  subType: ModelSubType
  /** The price. No line, or a line without amounts, means free. Default: free. */
  price?: readonly PriceLine[]
  /** Only recharged money pays for the model. Default: true for ids that start with `Pro/`. */
  isChargeOnly?: boolean
  /** The limits of an account at level 0. The limits of paid models grow with the level, except for `Pro/`. Default: none. */
  limits?: Limits
  /** `hybrid` thinks unless the request disables it; `always` cannot be disabled. Default: `none`. */
  thinking?: 'none' | 'hybrid' | 'always'
  /** Default: `every-chunk`. */
  usage?: UsageMode
  /** The context window in tokens. Default: 131072. */
  contextTokens?: number
  /** The largest prompt in tokens. Default: limited by the window only. */
  maxPromptTokens?: number
  /** Default: true for chat models. */
  hasTools?: boolean
  /** Default: false. */
  hasVision?: boolean
  /** Fill-in-the-middle on `/completions`. Default: false. */
  hasCompletions?: boolean
  /** The dimensions of an embedding. Default: 1024. */
  dimensions?: number
  /** Whether the model accepts `dimensions`. Default: false. */
  hasDimensions?: boolean
  /** The model is retired: it answers `Model disabled.` and is not listed. Default: false. */
  isDisabled?: boolean
  /** The model is retired: it is served and billed as this other model. */
  redirectTo?: string
  /** Unverified accounts may not use it, in the classic regime. Default: true for models that cost money. */
  isVerifiedOnly?: boolean
  /** Default: none. */
  quirks?: readonly ModelQuirk[]
}
