import type { WindowKind } from '../account/window.js'
import type { UsageMode } from '../catalogue/model.js'

/** The simulated generation of the platform; see the table in the README. */
export type Regime = 'classic' | 'current'

export type ContentEncoding = 'gzip' | 'br' | 'deflate'

/** The behaviour of the whole simulator. Every field can be changed while it runs. */
export interface Settings {
  /** @default 'current' */
  regime: Regime
  /** Whether meters count over the last 60 seconds or over the current minute. @default 'sliding' */
  window: WindowKind
  /** Whether tokens are counted when they are known, or reserved at admission and then corrected. @default 'after' */
  tokenMetering: 'after' | 'reserve'
  /** The headers about limits. The real platform sends none. @default 'none' */
  rateLimitHeaders: 'none' | 'retry-after' | 'x-ratelimit' | 'both'
  /** Whether an account without money may use models that cost nothing. @default 'allow' */
  freeModels: 'allow' | 'require-balance'
  /** Where streams carry their usage. @default 'model': as the catalogue says */
  usage: UsageMode | 'model'
  /** Tokens of an answer, unless the request overrides it. @default 16 */
  replyTokens: number
  /** Tokens of a chain of thought. @default 12 */
  reasoningTokens: number
  /** The time until the first byte of a generated reply. @default 0 */
  firstByteMs: number
  /** The time between the events of a stream. @default 0 */
  eventMs: number
  /** A stream that is silent this long sends a comment line; 0 for never. @default 0 */
  keepAliveMs: number
  /** The compression of replies. `negotiate` follows `accept-encoding`; a named one is always used. @default 'off' */
  compression: 'off' | 'negotiate' | ContentEncoding
  /** The `set-cookie` header of every answer. @default '' (none) */
  setCookie: string
  /** The largest request body; a larger one is answered with 413. @default 67108864 */
  maxBodyBytes: number
  /** The number of recorded requests. @default 100000 */
  recordedRequests: number
  /** Bytes kept of each request body. @default 16384 */
  recordedBodyBytes: number
  /** Bytes kept of all request bodies together. Older bodies are dropped first. @default 67108864 */
  recordedTotalBytes: number
  /** Bytes kept of each answer's body, without a limit over all answers. @default 0 */
  recordedResponseBytes: number
  /** The number of bills kept per account. @default 1000 */
  ledgerEntries: number
  /** How long image and video addresses work. @default 3600000 */
  urlLifetimeMs: number
  /** How long a video or a batch waits in the queue. @default 1000 */
  queueMs: number
  /** How long a video or a batch is processed. @default 3000 */
  workMs: number
}

export const defaultSettings: Readonly<Settings> = Object.freeze({
  regime: 'current',
  window: 'sliding',
  tokenMetering: 'after',
  rateLimitHeaders: 'none',
  freeModels: 'allow',
  usage: 'model',
  replyTokens: 16,
  reasoningTokens: 12,
  firstByteMs: 0,
  eventMs: 0,
  keepAliveMs: 0,
  compression: 'off',
  setCookie: '',
  maxBodyBytes: 64 * 1024 * 1024,
  recordedRequests: 100_000,
  recordedBodyBytes: 16 * 1024,
  recordedTotalBytes: 64 * 1024 * 1024,
  recordedResponseBytes: 0,
  ledgerEntries: 1000,
  urlLifetimeMs: 3_600_000,
  queueMs: 1000,
  workMs: 3000,
})
