import type { WindowKind } from '../account/window.js'
import type { UsageMode } from '../catalogue/model.js'

/** Which generation of the platform is played; see the table in the README. */
export type Regime = 'classic' | 'current'

export type ContentEncoding = 'gzip' | 'br' | 'deflate'

/** How the whole simulator behaves; every field can be changed while it runs. */
export interface Settings {
  /** @default 'current' */
  regime: Regime
  /** Whether meters look at the last 60 seconds or at the current minute. @default 'sliding' */
  window: WindowKind
  /** Whether tokens are metered when they are known, or reserved at admission and corrected. @default 'after' */
  tokenMetering: 'after' | 'reserve'
  /** Headers about limits; the real platform sends none. @default 'none' */
  rateLimitHeaders: 'none' | 'retry-after' | 'x-ratelimit' | 'both'
  /** Whether an account without money may use models that cost nothing. @default 'allow' */
  freeModels: 'allow' | 'require-balance'
  /** Overrides where streams carry their usage. @default 'model': as the catalogue says */
  usage: UsageMode | 'model'
  /** Tokens of an answer, unless the request says otherwise. @default 16 */
  replyTokens: number
  /** Tokens of a chain of thought. @default 12 */
  reasoningTokens: number
  /** Time until the first byte of a generated reply. @default 0 */
  firstByteMs: number
  /** Time between the events of a stream. @default 0 */
  eventMs: number
  /** A stream that has been silent this long says so in a comment line; 0 is never. @default 0 */
  keepAliveMs: number
  /** Compression of replies; `negotiate` looks at `accept-encoding`, a name compresses unasked. @default 'off' */
  compression: 'off' | 'negotiate' | ContentEncoding
  /** Sent as `set-cookie` with every answer. @default '' (none) */
  setCookie: string
  /** Larger request bodies are answered 413. @default 67108864 */
  maxBodyBytes: number
  /** Requests kept for reading. @default 100000 */
  recordedRequests: number
  /** Bytes kept of each request body. @default 16384 */
  recordedBodyBytes: number
  /** Bytes kept of all request bodies together; older bodies are dropped first. @default 67108864 */
  recordedTotalBytes: number
  /** Bytes kept of the body of each answer, however many answers there are. @default 0 */
  recordedResponseBytes: number
  /** Bills kept per account. @default 1000 */
  ledgerEntries: number
  /** How long image and video addresses work. @default 3600000 */
  urlLifetimeMs: number
  /** Time a video or a batch waits in the queue. @default 1000 */
  queueMs: number
  /** Time a video or a batch is worked on. @default 3000 */
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
