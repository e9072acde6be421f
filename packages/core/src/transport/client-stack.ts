import { Socket } from 'node:net'
import { type buildConnector, Client } from 'undici'
import { InterimFilter } from './interim-filter.js'
import type { Forwarding } from './proxy-connector.js'

/** Idle connections kept per origin. A burst opens more, and those are closed when they become idle. */
const maxIdle = 256

export interface StackOptions extends Client.Options {
  readonly connect: buildConnector.connector
}

/** One connection at a time, whose answers begin with the final one. */
export class StackClient extends Client {
  readonly interim: InterimFilter = new InterimFilter()
}

/**
 * The connections to one origin, most recently used first. undici's own `Pool` looks through all of its clients for
 * a free one at each dispatch, which with 2,000 open streams costs as much as the rest of a request. A stack of free
 * clients costs the same at any number, and the connections at its bottom time out.
 */
export class ClientStack {
  readonly #origin: string
  readonly #options: StackOptions
  readonly #free: StackClient[] = []
  readonly #busy = new Set<StackClient>()
  readonly #connecting = new Map<Client, Socket>()
  #isClosed = false

  /** How requests are handed to a proxy that forwards them; null for none. */
  readonly forwarding: Forwarding | null

  constructor(origin: string, options: StackOptions, forwarding: Forwarding | null = null) {
    this.forwarding = forwarding
    this.#origin = origin
    this.#options = options
  }

  /** Gives a free client. The client returns to the stack by itself when its request is over. */
  take(): StackClient {
    const client = this.#free.pop() ?? this.#open()
    this.#busy.add(client)
    return client
  }

  /** Returns a client whose request undici refused to begin: such a client never emits `drain`. */
  giveBack(client: StackClient): void {
    if (this.#busy.delete(client) && !this.#isClosed) this.#free.push(client)
  }

  /**
   * Ends a client in the middle of a request. undici would connect it again for the aborted request before it could be
   * used again. A socket that is still connecting is destroyed too, because undici would wait for the connection.
   */
  discard(client: StackClient): void {
    if (!this.#busy.delete(client)) return
    this.#connecting.get(client)?.destroy()
    void client.destroy()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const clients = [...this.#free, ...this.#busy]
    this.#free.length = 0
    this.#busy.clear()
    await Promise.all(clients.map((client) => client.destroy()))
  }

  #open(): StackClient {
    const { connect, ...options } = this.#options
    const client: StackClient = new StackClient(this.#origin, {
      ...options,
      connect: (where, callback) => {
        // The connector returns its socket, though its type does not say so.
        const socket: unknown = connect(where, (...result) => {
          this.#connecting.delete(client)
          const [, connected] = result
          if (connected instanceof Socket) client.interim.attach(connected)
          callback(...result)
        })
        if (socket instanceof Socket && socket.connecting) this.#connecting.set(client, socket)
      },
    })
    // A client with one request emits `drain` exactly once: after the answer, and after an error too.
    client.on('drain', () => {
      if (!this.#busy.delete(client) || this.#isClosed) return
      if (this.#free.length < maxIdle) this.#free.push(client)
      else void client.destroy()
    })
    return client
  }
}
