import type { Transport, TransportHandler, TransportRequest } from '../transport/transport.js'

/** One call as a test plays its upstream. */
export interface ManualCall {
  readonly request: TransportRequest
  readonly handler: TransportHandler
  isAborted: boolean
  /** Sends the head of an answer. */
  head(headers?: readonly string[], status?: number): void
  data(text: string): void
}

/** A way to an upstream that exists in memory only, and says what a test says at the moment it says it. */
export interface ManualTransport extends Transport {
  readonly calls: readonly ManualCall[]
}

export function manualTransport(): ManualTransport {
  const calls: ManualCall[] = []
  return {
    calls,
    dispatch(request, handler) {
      const call: ManualCall = {
        request,
        handler,
        isAborted: false,
        head(headers = ['content-type', 'text/event-stream'], status = 200) {
          handler.onSent()
          handler.onHead(status, [...headers])
        },
        data: (text) => handler.onData(Buffer.from(text)),
      }
      calls.push(call)
      return {
        pause() {},
        resume() {},
        abort() {
          call.isAborted = true
        },
      }
    },
    async close() {},
  }
}
