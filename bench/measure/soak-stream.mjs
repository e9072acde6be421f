// @ts-check
import { request } from 'node:http'
import { monotonicUs } from '../fixtures/chat.mjs'
import { StreamChecker } from '../fixtures/soak-checker.mjs'
import { soakRequestBody } from '../fixtures/soak-stream.mjs'

/**
 * @typedef {import('../fixtures/soak-checker.mjs').Ending} Ending
 * @typedef {import('../fixtures/soak-checker.mjs').Violation} Violation
 *
 * @typedef {object} SoakEnd
 * @property {Ending | 'refused' | Violation} ending
 * @property {{ code: string, message: string } | null} refusal the code is the status and the code of the error
 * @property {number | null} leftUs the instant at which the client left
 * @property {number} events received
 */

/** At most this many bytes of a refusal's body are read. */
const refusalBytes = 64 * 1024

/** A client's stream, which is checked byte by byte until it ends. */
export class SoakStream {
  #checker
  #sent
  #onEnd
  #silentMs = 0
  isAnswered = false
  /** @type {number | null} */
  #leftUs = null
  #isOver = false

  /**
   * @param {object} stream
   * @param {number} stream.id
   * @param {import('./stream-client.mjs').StreamTarget} stream.target
   * @param {import('node:http').Agent} stream.agent
   * @param {(end: SoakEnd) => void} stream.onEnd called once
   */
  constructor({ id, target, agent, onEnd }) {
    this.#onEnd = onEnd
    this.#checker = new StreamChecker(id)
    const headers = { 'content-type': 'application/json', ...target.headers }
    this.#sent = request(target.url, { agent, method: 'POST', headers }, (answer) => this.#receive(answer))
    this.#sent.on('error', (error) => this.#violate('no answer', error.message))
    this.#sent.end(soakRequestBody(id))
  }

  /** Makes the client leave. The bytes received so far must be right. */
  leave() {
    if (this.#isOver) return
    this.#leftUs = monotonicUs()
    this.#finish(this.#checker.verdict('left'))
    this.#sent.destroy()
  }

  /**
   * Adds elapsed time. A stream that is silent for too long counts as hanging. The caller provides the time, so that a
   * process that did not run itself does not take a stream for hanging.
   * @param {number} elapsedMs since the last call
   * @param {number} hangMs
   */
  watch(elapsedMs, hangMs) {
    this.#silentMs += elapsedMs
    if (this.#isOver || this.#silentMs < hangMs) return
    this.#violate('hung', `nothing came for ${hangMs} ms, after ${this.#checker.events} events`)
    this.#sent.destroy()
  }

  /** @param {import('node:http').IncomingMessage} answer */
  #receive(answer) {
    this.#silentMs = 0
    this.isAnswered = true
    if ((answer.statusCode ?? 0) >= 400) return this.#refuse(answer)
    answer.on('data', (chunk) => {
      this.#silentMs = 0
      this.#checker.feed(chunk)
    })
    answer.on('end', () => this.#finish(this.#checker.verdict('clean')))
    answer.on('error', () => this.#finish(this.#checker.verdict('broken')))
  }

  /** @param {import('node:http').IncomingMessage} answer */
  #refuse(answer) {
    let body = ''
    answer.setEncoding('utf8')
    answer.on('data', (text) => {
      if (body.length < refusalBytes) body += text
    })
    const done = () => this.#finish('refused', readRefusal(answer.statusCode ?? 0, body))
    answer.on('end', done)
    answer.on('error', done)
  }

  /**
   * @param {import('../fixtures/soak-checker.mjs').ViolationKind} kind
   * @param {string} detail
   */
  #violate(kind, detail) {
    this.#finish({ kind, detail })
  }

  /**
   * @param {SoakEnd['ending']} ending
   * @param {SoakEnd['refusal']} [refusal]
   */
  #finish(ending, refusal = null) {
    if (this.#isOver) return
    this.#isOver = true
    this.#onEnd({ ending, refusal, leftUs: this.#leftUs, events: this.#checker.events })
  }
}

/**
 * @param {number} status
 * @param {string} body
 */
function readRefusal(status, body) {
  try {
    const { error, code, message } = JSON.parse(body)
    return { code: `${status} ${error?.code ?? code}`, message: String(error?.message ?? message) }
  } catch {
    return { code: `${status} without a code`, message: body }
  }
}
