import type { KeyPoolError } from '../../errors.js'

/** How a sink talks back to the engine. */
export interface Flow {
  /** The sink wants data again, after `data` answered false. */
  resume(): void
  /** The client left. Harmless when everything was delivered already, and when called twice. */
  abort(): void
}

/**
 * Where an answer goes. A Node sink writes to a `ServerResponse`, a web sink feeds one `Response`; the engine
 * knows neither. Calls come in this order: `attach`, `head`, `data`…, then one of `end` and `fail`.
 */
export interface Sink {
  /** Called once, before anything else. A sink whose client already left calls `flow.abort()` at once. */
  attach(flow: Flow): void
  /** Status and headers (flat list: name, value, name, value…), ready to be sent as they are. */
  head(status: number, headers: readonly string[]): void
  /** Bytes of the body. False asks the engine to pause until `flow.resume()`. */
  data(chunk: Uint8Array): boolean
  /** The answer is complete, with `chunk` as its last bytes. */
  end(chunk?: Uint8Array): void
  /** The answer stays incomplete: end it so that the client sees a failure, not a clean end. */
  fail(error: KeyPoolError): void
}
