import type { Outcome } from '../key/outcome.js'

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

/** What a provider's balance endpoint said. */
export interface BalanceReading {
  readonly amount: string
  readonly currency: string
}

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
  /** The endpoint that tells the balance, where there is one. */
  readonly balancePath?: string
  readBalance?(body: string, site: string): BalanceReading | undefined
  route(method: string, path: string): Route
  classify(answer: Answer): Outcome
}
