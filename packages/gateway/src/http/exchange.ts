import type { Readable } from 'node:stream'
import type { KeyPoolError, Sink } from '@sfpool/core'

/**
 * One HTTP exchange as the server that received it has it: what was asked, and where the answer goes. A Node server
 * and a web runtime each make theirs; the gateway knows no framework.
 */
export interface Exchange {
  readonly method: string
  /** Path and query below the mount, as received: origin form, or absolute form as proxies send it. */
  readonly target: string
  /** Flat list as received: name, value, name, value… */
  readonly headers: readonly string[]
  /**
   * Null when there is none, a stream still to be read, the bytes when somebody read them already, or an error when
   * somebody read them and they cannot be had again.
   */
  readonly body: Readable | Uint8Array | KeyPoolError | null
  readonly sink: Sink
  /** Called before the body is read: tells a client that waits for it to go on. */
  readonly onRead?: (() => void) | undefined
  /**
   * Ends a connection whose request was answered before its body was read: calls `end` once the client had a chance
   * to read the answer. Without it, `end` is called at once.
   */
  readonly close?: ((end: () => void) => void) | undefined
}
