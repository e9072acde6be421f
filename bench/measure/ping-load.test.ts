import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { requestBody } from '../fixtures/chat.mjs'
import { listening } from '../fixtures/listening.js'
import { ping, pingOneByOne } from './ping-load.mjs'

async function pings(
  answer: (response: import('node:http').ServerResponse) => void,
  count: number,
  load: (given: {
    url: string
    headers: Record<string, string>
    count: number
  }) => Promise<number[]> = pingOneByOne,
) {
  const bodies: string[] = []
  const connections = new Set<unknown>()
  const server = await listening(
    createServer((request, response) => {
      connections.add(request.socket)
      request.on('data', (body) => bodies.push(String(body)))
      request.on('end', () => answer(response))
    }),
  )
  try {
    const samples = await load({ url: `${server.origin}/v1/x`, headers: { 'x-a': 'b' }, count })
    return { samples, bodies, connections: connections.size }
  } finally {
    await server.close()
  }
}

test('pingOneByOne sends one request after the other over one connection and times each', async () => {
  const { samples, bodies, connections } = await pings((response) => response.end('fine'), 5)
  expect(samples).toHaveLength(5)
  expect(samples.every((us) => us > 0)).toBe(true)
  expect(bodies).toEqual(Array.from({ length: 5 }, () => String(requestBody)))
  expect(connections).toBe(1)
})

test('pingOneByOne waits for the last chunk of a reply without a length', async () => {
  const { samples } = await pings((response) => {
    response.write('a')
    setImmediate(() => response.end('b'))
  }, 3)
  expect(samples).toHaveLength(3)
})

test('pingOneByOne fails when an answer is not a 200', async () => {
  await expect(pings((response) => response.writeHead(503).end('no'), 1)).rejects.toThrow('not a 200')
})

test('ping shares its requests among connections that are busy at the same time', async () => {
  const waiting: (() => void)[] = []
  const answerTogether = (response: import('node:http').ServerResponse): void => {
    // An answer only after the fourth request, so one connection alone would wait for ever.
    waiting.push(() => response.end('fine'))
    if (waiting.length === 4) for (const answer of waiting.splice(0)) answer()
  }
  const { samples, connections } = await pings(answerTogether, 12, (load) =>
    ping({ ...load, connections: 4 }),
  )
  expect(samples).toHaveLength(12)
  expect(connections).toBe(4)
})
