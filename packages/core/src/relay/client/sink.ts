import type { KeyPoolError } from '../../errors.js'

/** How a sink talks back to the engine. */
export interface Flow {
  /** Asks for data again, after `data` returned false. */
  resume(): void
  /** Reports that the client left. It has no effect after the end, or when called twice. */
  abort(): void
  /** Reports that everything has left for the client. A sink need not report it. */
  done?(): void
}

/**
 * The receiver of an answer. A Node sink writes to a `ServerResponse`, and a web sink feeds one `Response`; the engine
 * knows neither. Calls come in this order: `attach`, `head`, `data`…, then one of `end` and `fail`.
 */
export interface Sink {
  /** Connects the sink to the engine, before any other call. A sink whose client has left calls `flow.abort()`. */
  attach(flow: Flow): void
  /** Takes status and headers (a flat list: name, value, name, value…), to be sent as they are. */
  head(status: number, headers: readonly string[]): void
  /** Takes bytes of the body. False asks the engine to pause until `flow.resume()`. */
  data(chunk: Uint8Array): boolean
  /** Ends a complete answer, with `chunk` as its last bytes. */
  end(chunk?: Uint8Array): void
  /** Ends an incomplete answer, so that the client sees a failure and not a clean end. */
  fail(error: KeyPoolError): void
  /** Bytes that were written and have not left for the client yet. Sinks without it are not watched after the end. */
  unsent?(): number
  /** A figure that changes as bytes leave for the client, and while they cannot: answers before this one are still due. */
  progress?(): number
  /** Drops what has not left yet and closes the connection at once, at any time, because its client takes nothing. */
  cut?(error: KeyPoolError): void
}
