import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { KeyPoolError } from '../../errors.js'
import type { Flow, Sink } from './sink.js'
import { unwatchSocket, watchSocket } from './socket-watch.js'

/** Creates a sink that writes to Node's own response, or to one like it (express, fastify, hono on Node). */
export function nodeSink(response: ServerResponse): Sink {
  return new NodeSink(response)
}

class NodeSink implements Sink {
  readonly #response: ServerResponse
  #flow: Flow | null = null
  #isAwaitingDrain = false
  /** How often `progress` was asked for before the connection's turn came. */
  #asked = 0

  constructor(response: ServerResponse) {
    this.#response = response
  }

  attach(flow: Flow): void {
    const response = this.#response
    if (response.destroyed || response.closed) return flow.abort()
    this.#flow = flow
    // A response behind others on a pipelined connection has no socket yet, so it never hears that the client left.
    const queuedOn = response.socket === null ? response.req?.socket : undefined
    if (queuedOn !== undefined) watchSocket(queuedOn, flow)
    response.on('close', () => {
      if (queuedOn !== undefined) unwatchSocket(queuedOn, flow)
      if (!response.writableFinished) flow.abort()
      else flow.done?.()
    })
    // Without a listener a write to a client that left would end the process; `close` follows and aborts the request.
    response.on('error', ignore)
  }

  head(status: number, headers: readonly string[]): void {
    const response = this.#response
    if (response.getHeaderNames().length === 0) response.writeHead(status, headers as string[])
    else writeHeadBeside(response, status, headers)
  }

  data(chunk: Uint8Array): boolean {
    if (this.#response.write(chunk)) return true
    // Most answers never fill the buffer, and need no listener for that.
    if (!this.#isAwaitingDrain) this.#response.on('drain', () => this.#flow?.resume())
    this.#isAwaitingDrain = true
    return false
  }

  end(chunk?: Uint8Array): void {
    this.#response.end(chunk)
  }

  /** Sends what is written, then closes the connection without the end mark, so that the client sees a failure. */
  fail(_error: KeyPoolError): void {
    const { socket } = this.#response
    if (socket === null) this.#response.destroy()
    // A tick later, because Node 24 and newer hand what was written in this one to the socket only then.
    else process.nextTick(() => socket.destroySoon())
  }

  unsent(): number {
    return this.#response.destroyed ? 0 : this.#response.writableLength
  }

  progress(): number {
    // Behind others on a pipelined connection nothing can leave yet: it is their turn, and no fault of the client.
    if (isQueued(this.#response)) return --this.#asked
    const socket = connectionOf(this.#response)
    return socket === null ? -this.#response.writableLength : bytesTaken(socket)
  }

  cut(_error: KeyPoolError): void {
    const socket = connectionOf(this.#response)
    if (socket === null) this.#response.destroy()
    else socket.destroy()
  }
}

/** Whether the connection still serves responses before this one. An HTTP/2 connection serves them all at once. */
const isQueued = (response: ServerResponse): boolean => response.socket === null && !('stream' in response)

/**
 * The connection of a response; that of its request while it is queued behind others. Null for HTTP/2, where a
 * connection serves other responses too.
 */
function connectionOf(response: ServerResponse): Socket | null {
  if ('stream' in response) return null
  return response.socket ?? response.req?.socket ?? null
}

/** The part of Node's handle of a socket that counts bytes: node itself tells by it whether a slow write goes on. */
interface CountingHandle {
  readonly bytesWritten?: number
  readonly writeQueueSize?: number
}

/**
 * Bytes that the system has taken. A large write counts byte by byte: the socket's own figures count it when it is
 * done, which takes minutes when its client is slow.
 */
function bytesTaken(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, '_handle')
  if (typeof handle !== 'object' || handle === null) return socket.bytesWritten - socket.writableLength
  const { bytesWritten = 0, writeQueueSize = 0 } = handle as CountingHandle
  return bytesWritten - writeQueueSize
}

function ignore(): void {}

/** Adds headers to those that a framework set before; `writeHead` alone would keep only the last of repeated ones. */
function writeHeadBeside(response: ServerResponse, status: number, headers: readonly string[]): void {
  for (let at = 0; at + 1 < headers.length; at += 2) response.removeHeader(headers[at] as string)
  for (let at = 0; at + 1 < headers.length; at += 2)
    response.appendHeader(headers[at] as string, headers[at + 1] as string)
  response.writeHead(status)
}
