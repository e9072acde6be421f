import { once } from 'node:events'
import { createServer, type RequestListener, request } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { listening } from '../fixtures/listening.js'
import { createFloor } from './floor-server.mjs'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function floorBefore(listener: RequestListener) {
  const upstream = await listening(createServer(listener))
  const floor = await listening(createFloor(upstream.origin))
  closers.push(floor.close, upstream.close)
  return floor.origin
}

const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 31) % 256))

test('the floor relays method, path, headers and body to the upstream, and the answer byte for byte', async () => {
  const seen: unknown[] = []
  const origin = await floorBefore((incoming, response) => {
    const parts: Buffer[] = []
    incoming.on('data', (part) => parts.push(part))
    incoming.on('end', () => {
      const body = Buffer.concat(parts)
      seen.push(incoming.method, incoming.url, incoming.headers['x-a'], body.equals(bytes))
      response.writeHead(418, ['x-b', '1', 'x-b', '2', 'content-type', 'application/octet-stream'])
      response.end(bytes)
    })
  })
  const answer = await fetch(`${origin}/v1/a?b=c`, { method: 'POST', headers: { 'x-a': 'y' }, body: bytes })
  expect(seen).toEqual(['POST', '/v1/a?b=c', 'y', true])
  expect(answer.status).toBe(418)
  expect(answer.headers.get('x-b')).toBe('1, 2')
  expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true)
})

test('the floor passes on each chunk as it comes', async () => {
  let sendMore = () => {}
  const origin = await floorBefore((_incoming, response) => {
    response.write('first')
    sendMore = () => response.end('second')
  })
  const answer = await fetch(`${origin}/`)
  const reader = answer.body?.getReader()
  expect(String(Buffer.from((await reader?.read())?.value ?? []))).toBe('first')
  sendMore()
  expect(String(Buffer.from((await reader?.read())?.value ?? []))).toBe('second')
})

test('the floor ends the upstream request when the client leaves', async () => {
  const left = deferred()
  const origin = await floorBefore((_incoming, response) => {
    response.write('first')
    response.on('close', () => left.resolve())
  })
  const leaving = request(origin)
  leaving.on('error', () => {})
  leaving.end()
  await once(leaving, 'response')
  leaving.destroy()
  await left.promise
})

test('the floor sends everything to a slow reader', async () => {
  const big = Buffer.alloc(8 * 1024 * 1024, 'x')
  const origin = await floorBefore((_incoming, response) => response.end(big))
  const slow = request(origin).end()
  const [response] = await once(slow, 'response')
  response.pause()
  await new Promise((resolve) => setImmediate(resolve))
  let received = 0
  for await (const part of response) received += part.length
  expect(received).toBe(big.length)
})

test('the floor answers 502 when the upstream cannot be reached', async () => {
  const gone = await listening(createServer())
  const floor = await listening(createFloor(gone.origin))
  closers.push(floor.close)
  await gone.close()
  expect((await fetch(floor.origin)).status).toBe(502)
})

function deferred() {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
