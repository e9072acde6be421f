import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

const reply =
  '{"choices":[{"index":0,"message":{"role":"assistant","content":"late"},"finish_reason":"stop"}]}'

/** An upstream that answers chats when it is told to, and everything else at once. */
export async function holdingUpstream(): Promise<{ baseURL: string; held(): number; release(): void }> {
  const held: ServerResponse[] = []
  const server = createServer((request, response) => {
    request.resume()
    response.setHeader('content-type', 'application/json')
    if (request.url?.endsWith('/chat/completions') === true) held.push(response)
    else response.end('{"object":"list","data":[]}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return {
    baseURL: `http://127.0.0.1:${port}/v1`,
    held: () => held.length,
    release: () => {
      for (const response of held.splice(0)) response.end(reply)
    },
  }
}
