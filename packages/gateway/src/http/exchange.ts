import type { Readable } from 'node:stream'
import type { KeyPoolError, Sink } from '@sfpool/core'

/**
 * One HTTP exchange: the request as the server received it, and the sink for the answer. Every kind of server makes
 * its own, so the gateway depends on no framework.
 */
export interface Exchange {
  readonly method: string
  /** Path and query below the mount, as received: origin form, or absolute form as proxies send it. */
  readonly target: string
  /** Flat list as received: name, value, name, value… */
  readonly headers: readonly string[]
  /**
   * Body of the request: null when there is none, a stream that is still to be read, the bytes when the app has read
   * them already, or an error when the app has read them and they are lost.
   */
  readonly body: Readable | Uint8Array | KeyPoolError | null
  readonly sink: Sink
  /** The connection, by whose address wrong keys are slowed and logged. */
  readonly peer?: { readonly remoteAddress?: string | undefined } | undefined
  /** Called before the body is read. A client that sent `Expect: 100-continue` then gets its go-ahead. */
  readonly onRead?: (() => void) | undefined
  /**
   * Closes a connection whose request was answered before its body was read: calls `end` once the client has had a
   * chance to read the answer. Without it, the gateway calls `end` at once.
   */
  readonly close?: ((end: () => void) => void) | undefined
}
