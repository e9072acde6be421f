// @ts-check
import { KeyPool } from '@sfpool/core'
import { VirtualTime } from './virtual-time.mjs'

/**
 * @typedef {object} Trouble what the upstream answers in place of serving a call
 * @property {number} fromMs
 * @property {number} untilMs
 * @property {number} share of the calls, from 0 to 1
 * @property {number | null} retryAfterMs null for none
 *
 * @typedef {object} SteadyLoad
 * @property {number} keys each of an account of its own
 * @property {number} perSecond requests
 * @property {number} seconds
 * @property {Trouble} trouble
 * @property {'RPM' | 'TPM' | 'RPD'} [meter] the one that refusals name
 * @property {import('@sfpool/core').PoolOptions} [options]
 *
 * @typedef {object} LoadSpan
 * @property {number} fromMs
 * @property {number} untilMs
 */

const startAt = Date.UTC(2026, 7, 31, 16, 0, 20)
const stepMs = 100
const latencyMs = 800
const refusalMs = 100
const tokens = 600
/** Calls that one request makes at most. */
const mostTries = 4
const codes = { RPM: 50601, TPM: 50602, RPD: 50608 }

/** An upstream without limits that refuses calls for limits all the same, and a pool under a steady load. */
export class SteadyRun {
  #given
  #time
  #pool
  /** By the second in which the request came. @type {number[]} */
  refused = []
  /** @type {number[]} */
  asked = []
  /** Calls made to the upstream, and the refused ones among them. */
  calls = 0
  refusals = 0

  /** @param {SteadyLoad} given */
  constructor(given) {
    this.#given = given
    this.#time = new VirtualTime({ startAt, seed: 5 })
    this.#pool = new KeyPool({
      keys: Array.from(
        { length: given.keys },
        (_, index) => `sk-fakeload${String(index + 1).padStart(24, '0')}`,
      ),
      runtime: this.#time.runtime,
      ...given.options,
    })
  }

  async toEnd() {
    const { seconds, perSecond } = this.#given
    for (let ms = 0; ms < seconds * 1000; ms += stepMs) {
      const count = Math.round((perSecond * stepMs) / 1000)
      this.#time.at(startAt + ms, () => {
        for (let index = 0; index < count; index++) void this.#ask()
      })
    }
    await this.#time.runUntil(startAt + seconds * 1000 + 10_000)
    await this.#pool.close()
    return this
  }

  /** The share of requests that got an error, among those that came in that span. @param {LoadSpan} span */
  refusedIn({ fromMs, untilMs }) {
    const sum = (/** @type {number[]} */ list) =>
      list.slice(fromMs / 1000, untilMs / 1000).reduce((total, count) => total + (count ?? 0), 0)
    return sum(this.refused) / sum(this.asked)
  }

  async #ask() {
    const second = Math.floor((this.#time.now() - startAt) / 1000)
    this.asked[second] = (this.asked[second] ?? 0) + 1
    this.refused[second] ??= 0
    for (let tries = 0; ; tries++) {
      const lease = await this.#pool.acquire({ model: 'chat', tokens, maxWaitMs: 0 }).catch(() => null)
      if (lease === null || tries === mostTries) {
        lease?.settle('aborted')
        this.refused[second] = (this.refused[second] ?? 0) + 1
        return
      }
      this.calls++
      if (!this.#isRefused()) return this.#serve(lease)
      this.refusals++
      await this.#after(refusalMs)
      lease.settle(this.#refusal())
    }
  }

  #isRefused() {
    const { fromMs, untilMs, share } = this.#given.trouble
    const ms = this.#time.now() - startAt
    return ms >= fromMs && ms < untilMs && this.#time.random() < share
  }

  #refusal() {
    const { trouble, meter = 'TPM' } = this.#given
    const { retryAfterMs } = trouble
    return {
      status: 429,
      ...(retryAfterMs === null ? {} : { headers: { 'retry-after': String(retryAfterMs / 1000) } }),
      body: {
        code: codes[meter],
        message: `Request was rejected due to rate limiting. Details: ${meter} limit reached.`,
        data: null,
      },
    }
  }

  /** @param {import('@sfpool/core').Lease} lease */
  #serve(lease) {
    const half = tokens / 2
    this.#time.at(this.#time.now() + latencyMs, () =>
      lease.settle('success', {
        promptTokens: half,
        completionTokens: half,
        totalTokens: tokens,
        cachedTokens: 0,
        reasoningTokens: 0,
      }),
    )
  }

  /** @param {number} ms */
  #after(ms) {
    return new Promise((resolve) => this.#time.at(this.#time.now() + ms, () => resolve(undefined)))
  }
}
