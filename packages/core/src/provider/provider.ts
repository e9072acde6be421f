import type { Limits } from '../limit/meters.js'
import type { Outcome } from '../outcome/outcome.js'
import type { PriceList } from '../price/price-list.js'
import type { BalanceFacts } from './balance-facts.js'

/** The head and the beginning of an upstream's answer, as much as classification needs. */
export interface Answer {
  readonly status: number
  /** Flat list with lower-case names. */
  readonly headers: readonly string[]
  /** The body's text; cut at 64 KiB. */
  readonly body: string
}

/** What the engine must know of an endpoint before it may repeat or judge a call. */
export interface Route {
  /** The endpoint's family, as in `chat`; `other` when unknown. */
  readonly name: string
  /**
   * `safe`: may be sent again with another key as long as nothing reached the client.
   * `if-refused`: only when the upstream surely did not run it, because running twice costs money or makes two of
   * something.
   */
  readonly repeat: 'safe' | 'if-refused'
  /** The event that ends a complete stream: OpenAI's `[DONE]`, Anthropic's `message_stop`, or none known. */
  readonly terminator: 'done' | 'message_stop' | 'none'
}

/** What is known of a model in advance. */
export interface ModelFacts {
  /** It costs nothing, so an account without money may still use it. @default false */
  readonly free?: boolean
  /** It takes recharged money only, no vouchers. @default false */
  readonly chargedOnly?: boolean
  /** What one account may do with it, where that is the same for all. @default nothing is known */
  readonly limits?: Limits
}

/** A request that costs next to nothing and tells whether an account has money. */
export interface ChatProbe {
  /** A model that is cheap, and not free. */
  readonly model: string
  /** More fields of the request: what keeps the model from thinking at length, above all. */
  readonly fields?: Readonly<Record<string, unknown>>
}

/**
 * Why an account may not use a model although its key is good: its owner's name is not verified, it has no recharged
 * money, its tier is too low, or something else.
 */
export type Restriction = 'real-name' | 'charged-only' | 'tier' | 'other'

/** The vendor's facts: addresses, endpoints, error table. Data and pure functions; no requests, no policy. */
export interface Provider {
  readonly name: string
  /** Base URL by site, without a trailing slash, as in `https://api.siliconflow.cn/v1`. */
  readonly sites: Readonly<Record<string, string>>
  /** The site of keys that name none. */
  readonly site: string
  /** Offset of the calendar day that daily limits follow, from UTC, in milliseconds. */
  readonly dayOffsetMs: number
  /** Three-letter code of the money that a site counts in. */
  currencyOf(site: string): string
  /** A free request that tells whether a key is accepted. */
  readonly probePath: string
  /** The catalogue: what a model is on a site. Undefined for a model that nothing is known of. */
  model?(name: string, site: string): ModelFacts | undefined
  /** What calls cost, as far as that is public. @default nothing is known */
  readonly prices?: PriceList
  /** How it tells the balance, where it does. */
  readonly balance?: BalanceFacts
  /** What to ask a model to learn of an account's money. Undefined: the caller must name a model. */
  chatProbe?(site: string): ChatProbe
  /** Other sites where a key may be at home that this site refuses; asked only to tell people so. @default none */
  otherSites?(site: string): readonly string[]
  /** What a refusal says of its account, where it is about that rather than about money or limits. */
  restrictionOf?(outcome: Outcome): Restriction | undefined
  route(method: string, path: string): Route
  classify(answer: Answer): Outcome
}
