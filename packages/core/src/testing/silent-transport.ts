import type { Transport } from '../transport/transport.js'

/** A way to an upstream that must not be taken: any call is an error of the test. */
export interface SilentTransport extends Transport {
  readonly isClosed: boolean
}

export function silentTransport(): SilentTransport {
  let isClosed = false
  return {
    dispatch() {
      throw new Error('no call was to be made')
    },
    async close() {
      isClosed = true
    },
    get isClosed() {
      return isClosed
    },
  }
}
