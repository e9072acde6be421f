import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Requests of one HTTP/1 connection that are served at the same time. Only pipelining makes more than one. The number
 * is what HTTP/2 recommends as the least for parallel streams (RFC 9113, 6.5.2).
 */
export const maxParallel = 100

/** The turns of each connection that has requests in its pipeline. */
const connections = new WeakMap<Socket, ConnectionTurns>()

/**
 * Serves a request when its connection has a turn for it: at once, unless the client has pipelined more than
 * `maxParallel` requests. The others wait, and the connection is not read any further until none of them does.
 */
export function takeTurn(
  { httpVersionMajor, socket }: IncomingMessage,
  response: ServerResponse,
  serve: () => void,
): void {
  // The request at the head of its connection has the socket. There is always room for that one. HTTP/2 has limits of
  // its own on streams.
  if (response.socket !== null || httpVersionMajor > 1 || response.destroyed) return serve()
  let turns = connections.get(socket)
  if (turns === undefined) {
    turns = new ConnectionTurns(socket)
    connections.set(socket, turns)
  }
  turns.take(response, serve)
}

/** The pipelined requests of one connection: those that are being served, and those that wait. */
class ConnectionTurns {
  readonly #socket: Socket
  readonly #waiting: { readonly response: ServerResponse; readonly serve: () => void }[] = []
  #served = 0
  #isGuarded = false

  constructor(socket: Socket) {
    this.#socket = socket
  }

  take(response: ServerResponse, serve: () => void): void {
    // One turn belongs to the request at the head.
    if (this.#served < maxParallel - 1) return this.#serve(response, serve)
    this.#waiting.push({ response, serve })
    this.#hold()
  }

  #serve(response: ServerResponse, serve: () => void): void {
    this.#served++
    response.once('close', () => {
      this.#served--
      this.#next()
    })
    serve()
  }

  #next(): void {
    // A client that left wants none of them.
    if (this.#socket.destroyed) this.#waiting.length = 0
    const next = this.#waiting.shift()
    if (next !== undefined) this.#serve(next.response, next.serve)
    if (this.#waiting.length === 0 && this.#socket.isPaused()) this.#socket.resume()
  }

  /** Stops reading the connection, and keeps others from going on with it: node resumes it for each body it reads. */
  #hold(): void {
    const socket = this.#socket
    socket.pause()
    if (this.#isGuarded) return
    this.#isGuarded = true
    socket.on('resume', () => {
      if (this.#waiting.length > 0) socket.pause()
    })
    socket.once('close', () => {
      this.#waiting.length = 0
    })
  }
}
