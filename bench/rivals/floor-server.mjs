// @ts-check
import { createServer } from 'node:http'
import { createRequire } from 'node:module'

// The undici of the pool: the floor must show the best possible result of this transport, not of another version.
const fromCore = createRequire(new URL('../../packages/core/package.json', import.meta.url))
const { Pool } = /** @type {typeof import('undici')} */ (fromCore('undici'))

const unforwarded = new Set(['connection', 'content-length', 'host', 'keep-alive', 'transfer-encoding'])

/**
 * Creates the smallest possible proxy in JavaScript: it takes the body, dispatches it and returns the answer as it comes.
 * It has no keys, no checks and no counters. It uses undici's older handler shape, because the newer one parses headers
 * that are not needed here.
 * @param {string} origin
 * @returns {import('node:http').Server} not listening yet
 */
export function createFloor(origin) {
  const pool = new Pool(origin, { headersTimeout: 0, bodyTimeout: 0 })
  const server = createServer((request, response) => {
    /** @type {Buffer | null} */
    let body = null
    request.on('data', (part) => {
      body = body === null ? part : Buffer.concat([body, part])
    })
    request.on('end', () => {
      const relay = new Relay(response)
      response.on('close', () => relay.leave())
      const headers = forwarded(request.rawHeaders)
      pool.dispatch({ path: request.url ?? '/', method: methodOf(request), headers, body }, relay)
    })
  })
  server.keepAliveTimeout = 0
  server.on('close', () => pool.destroy())
  return server
}

/** @param {import('node:http').IncomingMessage} request */
function methodOf(request) {
  return /** @type {import('undici').Dispatcher.HttpMethod} */ (request.method ?? 'GET')
}

/** @param {readonly string[]} raw names and values in turn */
function forwarded(raw) {
  const headers = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? ''
    if (!unforwarded.has(name.toLowerCase())) headers.push(name, raw[at + 1] ?? '')
  }
  return headers
}

class Relay {
  /** @type {((error?: Error) => void) | null} */
  #abort = null
  #resume = () => {}
  #response

  /** @param {import('node:http').ServerResponse} response */
  constructor(response) {
    this.#response = response
  }

  leave() {
    if (!this.#response.writableFinished) this.#abort?.()
  }

  /** @param {(error?: Error) => void} abort */
  onConnect(abort) {
    this.#abort = abort
  }

  /**
   * @param {number} status
   * @param {Buffer[]} raw
   * @param {() => void} resume
   */
  onHeaders(status, raw, resume) {
    if (status < 200) return true
    const headers = []
    for (let at = 0; at + 1 < raw.length; at += 2) {
      const name = raw[at]?.toString('latin1') ?? ''
      const key = name.toLowerCase()
      if (key === 'content-length' || !unforwarded.has(key))
        headers.push(name, raw[at + 1]?.toString('latin1') ?? '')
    }
    this.#response.writeHead(status, headers)
    this.#resume = resume
    return true
  }

  /** @param {Buffer} chunk */
  onData(chunk) {
    if (this.#response.write(chunk)) return true
    this.#response.once('drain', this.#resume)
    return false
  }

  onComplete() {
    this.#response.end()
  }

  onError() {
    if (this.#response.headersSent) this.#response.destroy()
    else this.#response.writeHead(502).end()
  }
}
