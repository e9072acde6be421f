// @ts-check
import { connect } from 'node:net'
import { soakRequestBody } from '../fixtures/soak-stream.mjs'

/** Far above the numbers of the streams that are checked. */
const firstId = 1_000_000_000
const everyMs = 1000
const stayMs = 700
const requestsEach = 5

/**
 * Clients that a server must not keep anything of: every second one pipelines five streams and leaves before they end,
 * and one announces a body of which it sends a part.
 */
export class SoakLeavers {
  #target
  /** @type {Set<import('node:net').Socket>} */
  #sockets = new Set()
  /** @type {NodeJS.Timeout | undefined} */
  #timer
  #lastId = firstId
  /** Requests that were sent whole. */
  pipelined = 0
  stalled = 0

  /** @param {import('./stream-client.mjs').StreamTarget} target */
  constructor(target) {
    this.#target = target
  }

  start() {
    this.#begin()
    this.#timer = setInterval(() => this.#begin(), everyMs)
  }

  stop() {
    clearInterval(this.#timer)
    for (const socket of this.#sockets) socket.destroy()
  }

  #begin() {
    const bodies = Array.from({ length: requestsEach }, () => soakRequestBody(++this.#lastId))
    this.pipelined += bodies.length
    this.stalled++
    this.#send(Buffer.concat(bodies.flatMap((body) => [this.#head(body.length), body])))
    this.#send(Buffer.concat([this.#head(10_000_000), Buffer.alloc(200_000, 'x')]))
  }

  /** @param {Buffer} bytes */
  #send(bytes) {
    const { hostname, port } = new URL(this.#target.url)
    const socket = connect({ host: hostname, port: Number(port) })
    this.#sockets.add(socket)
    const leave = setTimeout(() => socket.destroy(), stayMs)
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(leave)
      this.#sockets.delete(socket)
    })
    socket.resume()
    socket.write(bytes)
  }

  /** @param {number} length */
  #head(length) {
    const { host, pathname } = new URL(this.#target.url)
    const headers = Object.entries(this.#target.headers).map(([name, value]) => `${name}: ${value}\r\n`)
    return Buffer.from(
      `POST ${pathname} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n${headers.join('')}content-length: ${length}\r\n\r\n`,
    )
  }
}
