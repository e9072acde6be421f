import type { Key } from '../key/key.js'
import type { PickRequest } from '../strategy/strategy.js'

/** What a request needs of a key. A getter may stand for what costs a reading of the body: it is read only where it matters. */
export interface KeyRequest extends PickRequest {
  /** `''` when the request names none. */
  readonly model: string
  /** The model that the client named, which another may stand in for. @default the same */
  readonly askedModel?: string
  /** When the key is picked, in milliseconds since the Unix epoch; set by each pick. */
  now: number
  /** Keys that this request has tried; null before the first attempt. */
  tried: ReadonlySet<Key> | null
  /** How many more inferred cooldowns this request may end by trying the key. */
  lastResorts: number
  /** The only account that may serve it; null for any. */
  readonly account: string | null
  /** Whether it costs nothing, whatever its model. */
  readonly isFree: boolean
  /** Tokens of the input, estimated by its size. */
  readonly promptTokens: number
  /** The most output tokens that the request allows; null when it sets no limit. */
  readonly maxOutput: number | null
  /** Images that it asks for. */
  readonly images: number
  readonly isStream: boolean
  /** The caller's name for the ledger. @default null, for no name */
  readonly client?: string | null
}
