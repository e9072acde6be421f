import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Requests of one HTTP/1 connection that are served at the same time. Only pipelining makes more than one. The number
 * is what HTTP/2 recommends as the least for parallel streams (RFC 9113, 6.5.2).
 */
export const maxParallel = 100

/**
 * How often a connection that is held is read a little. A connection that is not read never tells that its client left,
 * and the requests of that client would go on.
 */
const lookEveryMs = 2_000

/** What may be read while a connection is held and no turn becomes free. A client that sends more is cut. */
const maxReadHeld = 1024 * 1024

/**
 * Requests of one connection that are taken in a row. Then it is not read until others have had their turn of the event
 * loop: an answer that needs no upstream is ready at once, and a client can ask for it as fast as it can write.
 */
const maxInRow = 100

/** The connection whose request was taken last, and how many of it were taken in a row. */
let lastSocket: Socket | null = null
let inRow = 0

/** The turns of each connection that has requests in its pipeline. */
const connections = new WeakMap<Socket, ConnectionTurns>()

/**
 * Serves a request when its connection has a turn for it: at once, unless the client has pipelined more than
 * `maxParallel` requests. The others wait, and the connection is hardly read any further until none of them does.
 */
export function takeTurn(
  { httpVersionMajor, socket }: IncomingMessage,
  response: ServerResponse,
  serve: () => void,
): void {
  // HTTP/2 has limits of its own on streams.
  if (httpVersionMajor > 1) return serve()
  letOthersIn(socket)
  // The request at the head of its connection has the socket. There is always room for that one.
  if (response.socket !== null || response.destroyed) return serve()
  let turns = connections.get(socket)
  if (turns === undefined) {
    turns = new ConnectionTurns(socket)
    connections.set(socket, turns)
  }
  turns.take(response, serve)
}

function letOthersIn(socket: Socket): void {
  if (socket !== lastSocket) {
    lastSocket = socket
    inRow = 0
  }
  inRow++
  if (inRow % maxInRow !== 0) return
  socket.pause()
  setImmediate(() => socket.resume())
}

/** The pipelined requests of one connection: those that are being served, and those that wait. */
class ConnectionTurns {
  readonly #socket: Socket
  readonly #waiting: { readonly response: ServerResponse; readonly serve: () => void }[] = []
  #served = 0
  #isGuarded = false
  /** Set while the connection is held. */
  #look: NodeJS.Timeout | null = null
  #isLooking = false
  #readBefore = 0

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
    const socket = this.#socket
    // A client that left wants none of them.
    if (socket.destroyed) this.#waiting.length = 0
    const next = this.#waiting.shift()
    if (next !== undefined) this.#serve(next.response, next.serve)
    this.#readBefore = socket.bytesRead
    if (this.#waiting.length > 0) return
    this.#stopLooking()
    if (socket.isPaused()) socket.resume()
  }

  /** Stops reading the connection, and keeps others from going on with it: node resumes it for each body it reads. */
  #hold(): void {
    const socket = this.#socket
    socket.pause()
    if (this.#look === null) {
      this.#readBefore = socket.bytesRead
      this.#look = setInterval(() => this.#lookForClient(), lookEveryMs).unref()
    }
    if (this.#isGuarded) return
    this.#isGuarded = true
    socket.on('resume', () => {
      if (this.#waiting.length > 0 && !this.#isLooking) socket.pause()
    })
    socket.once('close', () => {
      this.#waiting.length = 0
      this.#stopLooking()
    })
  }

  /** Reads for one turn of the event loop, most often one chunk: it shows whether the client is still there. */
  #lookForClient(): void {
    const socket = this.#socket
    if (socket.bytesRead - this.#readBefore > maxReadHeld) return void socket.destroy()
    this.#isLooking = true
    socket.resume()
    setImmediate(() => {
      this.#isLooking = false
      if (this.#waiting.length > 0) socket.pause()
    })
  }

  #stopLooking(): void {
    if (this.#look !== null) clearInterval(this.#look)
    this.#look = null
  }
}
