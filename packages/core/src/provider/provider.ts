import type { Limits } from '../limit/meters.js'
import type { Outcome } from '../outcome/outcome.js'
import type { PriceList } from '../price/price-list.js'
import type { BalanceFacts } from './balance-facts.js'

/** The head and the beginning of an upstream's answer: what classification needs. */
export interface Answer {
  readonly status: number
  /** Flat list with lower-case names. */
  readonly headers: readonly string[]
  /** The body's text; cut at 64 KiB. */
  readonly body: string
  /**
   * When it arrived, in milliseconds since the Unix epoch: what dates are compared with when the answer has no `Date` of
   * its own. @default such dates are ignored
   */
  readonly receivedAt?: number
}

/** What the engine must know of an endpoint before it may repeat a call or read its stream. */
export interface Route {
  /** The endpoint's family, as in `chat`; `other` when unknown. */
  readonly name: string
  /**
   * `safe`: may be sent again with another key as long as nothing reached the client.
   * `if-refused`: only when the upstream did not run it for sure, because a second run costs money or creates
   * something twice.
   */
  readonly repeat: 'safe' | 'if-refused'
  /**
   * What ends a complete stream: OpenAI's `[DONE]`, Anthropic's `message_stop`, one of the events that end a stream of
   * OpenAI's responses (`response.completed` and its kin), or nothing known.
   */
  readonly terminator: 'done' | 'message_stop' | 'response_end' | 'none'
}

/** What a provider publishes about a model. */
export interface ModelFacts {
  /** The model costs nothing, so an account without money may use it. @default false */
  readonly free?: boolean
  /** The model takes recharged money only, no vouchers. @default false */
  readonly chargedOnly?: boolean
  /** The limits of one account, where they are the same for all accounts. @default unknown */
  readonly limits?: Limits
}

/** A request that costs next to nothing and shows whether an account has money. */
export interface ChatProbe {
  /** A cheap model that is not free. */
  readonly model: string
  /** More fields of the request, mainly to keep the model from thinking at length. */
  readonly fields?: Readonly<Record<string, unknown>>
}

/**
 * Why an account may not use a model although its key is valid: the owner's real name is not verified, the account has
 * no recharged money, its tier is too low, or another reason.
 */
export type Restriction = 'real-name' | 'charged-only' | 'tier' | 'other'

/** The vendor's facts: addresses, endpoints, error table. Data and pure functions; no requests, no policy. */
export interface Provider {
  readonly name: string
  /** Base URL by site, without a trailing slash, as in `https://api.siliconflow.cn/v1`. */
  readonly sites: Readonly<Record<string, string>>
  /** The site of keys that name none. */
  readonly site: string
  /** Offset from UTC of the calendar day that daily limits follow, in milliseconds. */
  readonly dayOffsetMs: number
  /** Three-letter code of a site's currency. */
  currencyOf(site: string): string
  /** The path of a free request that shows whether a key is accepted. */
  readonly probePath: string
  /** The catalogue: the facts of a model on a site. Undefined for an unknown model. */
  model?(name: string, site: string): ModelFacts | undefined
  /** What calls cost, as far as the provider publishes it. @default unknown */
  readonly prices?: PriceList
  /** How to read the balance of an account. @default the balance cannot be read */
  readonly balance?: BalanceFacts
  /** The request that shows whether an account has money. Undefined: the caller must name a model. */
  chatProbe?(site: string): ChatProbe
  /** Other sites that may accept a key which this site refuses. A check asks them, to report it. @default none */
  otherSites?(site: string): readonly string[]
  /** The restriction of the account that a refusal shows; undefined when it is about money or limits. */
  restrictionOf?(outcome: Outcome): Restriction | undefined
  route(method: string, path: string): Route
  classify(answer: Answer): Outcome
}
