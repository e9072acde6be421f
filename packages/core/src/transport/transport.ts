/** One HTTP request to an upstream, headers complete. */
export interface TransportRequest {
  /** Scheme, host and port, as in `https://api.siliconflow.cn`. */
  readonly origin: string
  /** Path and query. */
  readonly path: string
  readonly method: string
  /** Flat list: name, value, name, value… */
  readonly headers: string[]
  /** Bytes, or a stream that can be read only once. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | null
}

/** Controls one request while it runs. Every method is harmless after the end. */
export interface TransportControl {
  pause(): void
  resume(): void
  /** Closes the request and its connection at once. No handler method is called afterwards. */
  abort(): void
}

/**
 * What a transport reports. Exactly one of `onEnd` and `onError` comes last, unless the request was aborted.
 * Bodies arrive decoded: a transport removes `content-encoding` itself.
 */
export interface TransportHandler {
  /** The connection is open and the request is about to be written: from now on it may reach the upstream. */
  onSent(): void
  /** The final status (never 1xx), and the headers as a flat list with lower-case names. */
  onHead(status: number, headers: string[]): void
  onData(chunk: Uint8Array): void
  onEnd(): void
  onError(error: Error): void
}

/** Carries requests to upstreams. The undici transport serves Node; others may serve other runtimes. */
export interface Transport {
  dispatch(request: TransportRequest, handler: TransportHandler): TransportControl
  /** Closes all connections; running requests end with `onError`. */
  close(): Promise<void>
}
