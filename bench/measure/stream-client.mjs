// @ts-check
import { Agent, request } from 'node:http'
import { streamRequestBody } from '../fixtures/chat.mjs'
import { SseCounter } from '../fixtures/sse-counter.mjs'

/**
 * @typedef {object} StreamTarget
 * @property {string} url
 * @property {Readonly<Record<string, string>>} headers
 */

/** Opens many streams to one proxy, each on its own connection. */
export class StreamClient {
  failed = 0
  #agent = new Agent({ keepAlive: false })
  /** @type {Set<import('node:http').ClientRequest>} */
  #open = new Set()
  #target

  /** @param {StreamTarget} target */
  constructor(target) {
    this.#target = target
  }

  /**
   * Opens a stream. Resolves at its first event, and also when it fails (counted in `failed`).
   * @param {{ intervalMs: number | null, events: number }} stream
   * @param {(sentUs: number) => void} [onEvent] called for every event, including the first
   * @returns {Promise<void>}
   */
  open(stream, onEvent) {
    return new Promise((resolve) => {
      const counter = new SseCounter((sentUs) => {
        onEvent?.(sentUs)
        resolve()
      })
      const fail = () => {
        // A stream that is no longer in the set was closed by this client, which is not a failure.
        if (this.#open.delete(sent)) this.failed++
        resolve()
      }
      const headers = { 'content-type': 'application/json', ...this.#target.headers }
      const sent = request(this.#target.url, { agent: this.#agent, method: 'POST', headers }, (response) => {
        if (response.statusCode !== 200) {
          response.resume()
          fail()
          return
        }
        response.on('data', (chunk) => counter.feed(chunk))
        response.on('error', fail)
        response.on('end', () => (counter.isDone ? this.#open.delete(sent) : fail()))
      })
      this.#open.add(sent)
      sent.on('error', fail)
      sent.end(streamRequestBody(stream))
    })
  }

  /**
   * Opens streams 50 at a time, so that no listen queue overflows.
   * @param {number} count
   * @param {{ intervalMs: number | null, events: number }} stream
   * @param {() => ((sentUs: number) => void)} [observe] makes the observer of one stream
   */
  async openMany(count, stream, observe) {
    for (let opened = 0; opened < count; opened += 50) {
      const batch = Array.from({ length: Math.min(50, count - opened) }, () => this.open(stream, observe?.()))
      await Promise.all(batch)
    }
  }

  close() {
    const open = [...this.#open]
    this.#open.clear()
    for (const sent of open) sent.destroy()
    this.#agent.destroy()
  }
}
