import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { listening } from '../fixtures/listening.js'
import { createUpstream } from '../fixtures/upstream.mjs'
import { StreamClient } from './stream-client.mjs'
import { loadStreams } from './stream-load.mjs'

const path = '/v1/chat/completions'

test('loadStreams counts the offered events of its window', async () => {
  const upstream = await listening(createUpstream())
  const url = `${upstream.origin}${path}`
  const load = { url, headers: {}, pid: null, streams: 20, intervalMs: 20, seconds: 0.6, settleMs: 50 }
  const report = await loadStreams(load)
  await upstream.close()
  expect(report.failed).toBe(0)
  expect(report.cpuNs).toBeNull()
  expect(report.events / report.offered).toBeGreaterThan(0.75)
  expect(report.events / report.offered).toBeLessThan(1.25)
  expect(report.firstEventUs.p50).toBeGreaterThan(0)
  // The pace is 20 ms, so the upper percentiles of the gaps cannot be much shorter.
  expect(report.gapP99Us).toBeGreaterThan(15_000)
})

test('loadStreams counts refused and broken streams as failed, but not streams it closes itself', async () => {
  let asked = 0
  const server = await listening(
    createServer((_request, response) => {
      asked++
      if (asked === 1) response.writeHead(500).end('no')
      else if (asked === 2) response.write('data: {}\n\n', () => response.destroy())
      else response.write('data: {}\n\n')
    }),
  )
  const client = new StreamClient({ url: `${server.origin}${path}`, headers: {} })
  const stream = { intervalMs: null, events: 1 }
  await client.open(stream)
  expect(client.failed).toBe(1)
  await client.open(stream)
  await expect.poll(() => client.failed).toBe(2)
  await client.open(stream)
  client.close()
  await server.close()
  expect(client.failed).toBe(2)
})
