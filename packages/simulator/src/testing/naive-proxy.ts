import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse, request as startRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { StartedTarget, Target } from '../conformance/target/target.js'

export interface NaiveOptions {
  /** Whether the proxy ends a broken answer as if it were whole, or breaks off as well. @default 'end' */
  truncation?: 'end' | 'break'
  /** Whether the proxy ignores that the client leaves, or leaves the upstream too. @default 'ignore' */
  leaving?: 'ignore' | 'follow'
  /** The most calls per request, one key after another, until the status is not an error. @default 1 */
  calls?: number
}

/** A proxy as written in an hour. The suite must find its faults, and nothing else. */
export function naiveProxy(options: NaiveOptions = {}): Target {
  return {
    name: 'naive',
    async start({ upstreamURL, keys }): Promise<StartedTarget> {
      let turn = 0
      const server = createServer((request, response) => {
        const chunks: Buffer[] = []
        request.on('data', (chunk: Buffer) => chunks.push(chunk))
        request.on('end', () => {
          const key = (): string => keys[turn++ % keys.length] ?? ''
          relay({ request, response, body: Buffer.concat(chunks), upstreamURL, key, options })
        })
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      return {
        baseURL: `http://127.0.0.1:${port}`,
        headers: {},
        stop: async () => {
          server.close()
          server.closeAllConnections()
        },
      }
    },
  }
}

interface Relay {
  request: IncomingMessage
  response: ServerResponse
  body: Buffer
  upstreamURL: string
  key: () => string
  options: NaiveOptions
}

function relay(given: Relay, made = 1): void {
  const { request, response, body, upstreamURL, key, options } = given
  const { truncation = 'end', leaving = 'ignore', calls = 1 } = options
  const { 'content-type': type = 'application/json' } = request.headers
  const upstream = startRequest(`${upstreamURL}${request.url}`, {
    method: request.method,
    agent: false,
    headers: { 'content-type': type, 'content-length': body.length, authorization: `Bearer ${key()}` },
  })
  if (leaving === 'follow') response.once('close', () => upstream.destroy())
  const breakOff = (): void => void (truncation === 'end' ? response.end() : response.destroy())
  upstream.on('error', () => {
    if (response.headersSent) return breakOff()
    response.writeHead(502)
    response.end('bad gateway')
  })
  upstream.on('response', (answer) => {
    const { statusCode = 502, headers } = answer
    if (statusCode >= 400 && made < calls) {
      answer.resume()
      relay(given, made + 1)
      return
    }
    const { 'content-type': answered = 'application/json' } = headers
    response.writeHead(statusCode, { 'content-type': answered })
    response.flushHeaders()
    answer.on('data', (chunk) => response.write(chunk))
    answer.on('end', () => response.end())
    answer.on('error', breakOff)
  })
  upstream.end(body)
}
