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
 * Requests of one connection that are begun in a row, and of those that wait in one turn of the event loop. One chunk
 * holds two thousand of the smallest, and an answer that needs no upstream is ready at once: others must have their turn
 * in between.
 */
const maxInRow = 100

/** The connection whose request came last, and how many of it came in a row within a turn of the event loop. */
let lastSocket: Socket | null = null
let inRow = 0
const beginRow = (): void => {
  inRow = 0
}

/** The turns of each connection that has requests in its pipeline. */
const connections = new WeakMap<Socket, ConnectionTurns>()

/** The connections that have waiting requests and room to begin some, in the order of their turns. */
const inLine: ConnectionTurns[] = []
let isNextTurnSet = false

/**
 * Serves a request when its connection has a turn for it: at once, unless the client has pipelined more than
 * `maxParallel` requests, or sent more than `maxInRow` in a row. The others wait, and the connection is hardly read any
 * further until none of them does.
 */
export function takeTurn(
  { httpVersionMajor, socket }: IncomingMessage,
  response: ServerResponse,
  serve: () => void,
): void {
  // HTTP/2 has limits of its own on streams.
  if (httpVersionMajor > 1) return serve()
  if (socket !== lastSocket) {
    lastSocket = socket
    inRow = 0
  }
  const isCrowding = ++inRow > maxInRow
  // Requests that come one after another are no row; one in a hundred finds out.
  if (inRow === maxInRow) setImmediate(beginRow)
  // The request at the head of its connection has the socket. There is always room for that one.
  if (!isCrowding && (response.socket !== null || response.destroyed)) return serve()
  let turns = connections.get(socket)
  if (turns === undefined) {
    turns = new ConnectionTurns(socket)
    connections.set(socket, turns)
  }
  turns.take({ response, serve }, isCrowding)
}

/** Begins some of the requests that wait. */
function beginWaiting(): void {
  isNextTurnSet = false
  for (let left = maxInRow; left > 0 && inLine.length > 0; ) {
    const turns = inLine.shift() as ConnectionTurns
    left -= turns.begin(left)
    // What is read again may bring another chunk of requests: one in each turn of the event loop.
    if (turns.isRead) break
  }
  setNextTurn()
}

function setNextTurn(): void {
  if (isNextTurnSet || inLine.length === 0) return
  isNextTurnSet = true
  setImmediate(beginWaiting)
}

interface Waiting {
  readonly response: ServerResponse
  readonly serve: () => void
}

/** The pipelined requests of one connection: those that are being served, and those that wait. */
class ConnectionTurns {
  readonly #socket: Socket
  #waiting: Waiting[] = []
  /** How many of those in `#waiting` have been begun. */
  #begun = 0
  #served = 0
  #isInLine = false
  #isGuarded = false
  /** Set while the connection is held. */
  #look: NodeJS.Timeout | null = null
  #isLooking = false
  #readBefore = 0

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** Whether the connection is read, because none of its requests waits. */
  get isRead(): boolean {
    return this.#waiting.length === 0
  }

  take(request: Waiting, isCrowding: boolean): void {
    // One turn belongs to the request at the head.
    if (!isCrowding && this.isRead && this.#served < maxParallel - 1) return this.#serve(request)
    this.#waiting.push(request)
    this.#hold()
    this.#lineUp()
  }

  /** Begins at most `most` requests, and returns how many it began. */
  begin(most: number): number {
    this.#isInLine = false
    let begun = 0
    // A client that left wants none of them.
    if (this.#socket.destroyed) this.#clear()
    while (begun < most && !this.isRead && this.#served < maxParallel - 1) {
      this.#serve(this.#waiting[this.#begun++] as Waiting)
      begun++
      if (this.#begun === this.#waiting.length) this.#clear()
    }
    if (this.isRead) this.#readOn()
    else this.#lineUp()
    return begun
  }

  #serve({ response, serve }: Waiting): void {
    this.#served++
    response.once('close', () => {
      this.#served--
      this.#readBefore = this.#socket.bytesRead
      this.#lineUp()
    })
    serve()
  }

  #lineUp(): void {
    if (this.#isInLine || this.isRead || this.#served >= maxParallel - 1) return
    this.#isInLine = true
    inLine.push(this)
    setNextTurn()
  }

  #clear(): void {
    this.#waiting = []
    this.#begun = 0
  }

  #readOn(): void {
    this.#stopLooking()
    if (this.#socket.isPaused()) this.#socket.resume()
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
      if (this.isRead || this.#isLooking) return
      // Paused between `resume()` and this event, it is taken for paused, and the server reads it nevertheless.
      if (socket.readableFlowing === false) socket.emit('pause')
      else socket.pause()
    })
    socket.once('close', () => {
      this.#clear()
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
      if (!this.isRead) socket.pause()
    })
  }

  #stopLooking(): void {
    if (this.#look !== null) clearInterval(this.#look)
    this.#look = null
  }
}
