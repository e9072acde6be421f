import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** An upstream that takes every request and never finishes an answer. It is closed when the test ends. */
export interface OpenEndedUpstream {
  readonly baseURL: string
  /** Requests so far. */
  received(): number
  /** Requests that are still open. */
  open(): number
  /** Connections that are still open. */
  sockets(): Promise<number>
}

/** Starts an upstream that answers with the given events of a stream, or not at all, and then falls silent. */
export async function openEndedUpstream(events: string | null): Promise<OpenEndedUpstream> {
  let received = 0
  let open = 0
  const server = createServer((_request, response) => {
    received++
    open++
    response.on('close', () => open--)
    if (events !== null) response.writeHead(200, { 'content-type': 'text/event-stream' }).write(events)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    received: () => received,
    open: () => open,
    sockets: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
      ),
  }
}
