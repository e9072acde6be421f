import { createServer } from 'node:http'
import { expect, test, vi } from 'vitest'
import { listening } from '../fixtures/listening.js'
import { readSoakRequest } from '../fixtures/soak-stream.mjs'
import { SoakLeavers } from './soak-leavers.mjs'

test('soak leavers pipeline streams, stall an upload, and leave nothing when they stop', async () => {
  const ids: (number | null)[] = []
  let stalled = 0
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    if (request.headers['content-length'] === '10000000') stalled++
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('error', () => {})
    request.on('end', () => {
      ids.push(readSoakRequest(Buffer.concat(parts)))
      response.writeHead(200).write('begun')
    })
  })
  const { origin, close } = await listening(server)
  const leavers = new SoakLeavers({ url: `${origin}/v1/chat/completions`, headers: { 'x-key': 'one' } })
  leavers.start()
  await vi.waitFor(() => expect([ids.length, stalled]).toEqual([5, 1]))
  expect(new Set(ids).size).toBe(5)
  expect(ids.every((id) => (id ?? 0) > 1_000_000_000)).toBe(true)
  expect([leavers.pipelined, leavers.stalled]).toEqual([5, 1])
  leavers.stop()
  const count = () => new Promise((resolve) => server.getConnections((_, open) => resolve(open)))
  await vi.waitFor(async () => expect(await count()).toBe(0))
  await close()
})
