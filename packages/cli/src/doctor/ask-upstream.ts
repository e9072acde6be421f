import type { Transport } from '@sfpool/core'

/** What an upstream says to a request without a key. */
export interface UpstreamAnswer {
  readonly status: number
  readonly latencyMs: number
  /** The header Date. */
  readonly date: string | undefined
}

/** Asks for the list of models, without a key: any answer shows that the upstream can be reached. */
export function askUpstream(
  transport: Transport,
  baseURL: string,
  signal: AbortSignal,
): Promise<UpstreamAnswer> {
  const { origin, pathname } = new URL(`${baseURL}/models`)
  const startedAt = performance.now()
  return new Promise((resolve, reject) => {
    const control = transport.dispatch(
      { origin, path: pathname, method: 'GET', headers: ['accept', 'application/json'], body: null },
      {
        onSent: () => {},
        onHead: (status, headers) => {
          const at = headers.indexOf('date')
          resolve({ status, latencyMs: performance.now() - startedAt, date: headers[at + 1] })
          control.abort()
        },
        onData: () => {},
        onEnd: () => {},
        onError: reject,
      },
    )
    signal.addEventListener('abort', () => {
      control.abort()
      reject(new Error('no answer in time'))
    })
  })
}
