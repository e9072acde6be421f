import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { KeyPool } from './pool.js'

it('smoke', async () => {
  const seen: string[] = []
  const server = createServer((req, res) => {
    let body = ''
    req.on('data', (c) => (body += c))
    req.on('end', () => {
      seen.push(`${req.method} ${req.url} ${req.headers.authorization} ${body}`)
      if (req.headers.authorization === 'Bearer sk-bad-000000000000000') {
        res.writeHead(401, { 'content-type': 'application/json' })
        return res.end('{"code":30014,"data":null,"message":"Token is invalid."}')
      }
      res.writeHead(200, { 'content-type': 'application/json' })
      res.end('{"choices":[{"message":{"content":"hi"}}],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}')
    })
  })
  await new Promise<void>((r) => server.listen(0, '127.0.0.1', r))
  const pool = new KeyPool({
    keys: ['sk-bad-000000000000000', 'sk-good-00000000000000'],
    baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  })
  for (let i = 0; i < 3; i++) {
    const res = await pool.fetch(`${pool.baseURL}/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm/x', messages: [] }),
    })
    expect(res.status).toBe(200)
    console.log(await res.text(), [...res.headers])
  }
  console.log(seen, JSON.stringify(pool.stats()), pool.keys.list())
  await pool.close()
  server.close()
})
