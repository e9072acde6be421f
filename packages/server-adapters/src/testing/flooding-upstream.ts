import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** An upstream that answers every request with a stream that never ends, as fast as it is read. */
export interface FloodingUpstream {
  readonly baseURL: string
  /** Requests that are still open. */
  open(): number
  /** Bytes written so far. */
  written(): number
}

const event = Buffer.from(`data: {"choices":[{"index":0,"delta":{"content":"${'x'.repeat(16_000)}"}}]}\n\n`)

/** Starts the upstream, which is closed when the test ends. */
export async function floodingUpstream(): Promise<FloodingUpstream> {
  let open = 0
  let written = 0
  const flood = (response: ServerResponse): void => {
    let mayGoOn = true
    while (mayGoOn && !response.destroyed) {
      mayGoOn = response.write(event)
      written += event.length
    }
  }
  const server = createServer((request, response) => {
    open++
    request.resume()
    response.on('close', () => open--)
    response.on('error', () => {})
    response.on('drain', () => flood(response))
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    flood(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    open: () => open,
    written: () => written,
  }
}
