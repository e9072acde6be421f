import { afterEach, expect, test, vi } from 'vitest'
import { createHostileUpstream } from '../fixtures/hostile-upstream.mjs'
import { listening } from '../fixtures/listening.js'
import { neverReaders, pipeliners, readers, stalledUploads } from './hostile-clients.mjs'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function target() {
  const { origin, port, close } = await listening(createHostileUpstream({ maxBytes: 20_000_000 }))
  closers.push(close)
  const report = async () => (await fetch(`${origin}/report`)).json()
  return { port, headers: {}, report }
}

test('never-reading clients ask for a stream and take nothing of it', async () => {
  const { report, ...at } = await target()
  const { sockets, leave } = await neverReaders(at, 3)
  await vi.waitFor(async () => expect(await report()).toEqual({ calls: 3, open: 3 }))
  expect(sockets.map(({ bytesRead }) => bytesRead < 1_000_000)).toEqual([true, true, true])
  leave()
  await vi.waitFor(async () => expect(await report()).toEqual({ calls: 3, open: 0 }))
})

test('pipelining clients send all their requests at once, and leave together', async () => {
  const { report, ...at } = await target()
  const { leave } = await pipeliners(at, 2, 5)
  await vi.waitFor(async () => expect((await report()).calls).toBe(10))
  leave()
})

test('readers take what a hostile stream sends', async () => {
  const { report: _, ...at } = await target()
  const { sockets, leave } = await readers(at, 1, 'garbage lines')
  await vi.waitFor(() => expect(sockets[0]?.bytesRead).toBeGreaterThan(1_000_000))
  leave()
})

test('stalled uploads send a part of what they announce', async () => {
  const { report, ...at } = await target()
  const { sockets, leave } = await stalledUploads(at, 2, { announced: 1_000_000, sent: 10_000 })
  await vi.waitFor(() => {
    for (const { bytesWritten } of sockets) expect(bytesWritten).toBeGreaterThan(10_000)
  })
  expect(await report()).toEqual({ calls: 0, open: 0 })
  leave()
})
