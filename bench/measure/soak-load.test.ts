import { Agent, createServer, type RequestListener } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { listening } from '../fixtures/listening.js'
import { endPiece, pieceCount, readSoakRequest, soakPiece } from '../fixtures/soak-stream.mjs'
import { SoakLoad } from './soak-load.mjs'
import { SoakStream } from './soak-stream.mjs'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function serving(listener: RequestListener): Promise<string> {
  const server = await listening(createServer(listener))
  closers.push(server.close)
  return server.origin
}

const streaming =
  (send: (id: number, write: (text: string) => void) => 'end' | 'cut' | 'wait'): RequestListener =>
  (request, response) => {
    request.on('data', (body) => {
      const then = send(readSoakRequest(body) ?? 0, (text) => response.write(text))
      if (then === 'end') response.end()
      if (then === 'cut') response.write('', () => response.destroy())
    })
  }

const whole = (id: number) =>
  Array.from({ length: pieceCount(id) }, (_, index) => soakPiece(id, index)).join('')

const plan = { headers: {}, seed: 3, intervalMs: 200 }

test('SoakLoad holds streams open and starts a new one when one ends, until the time is over', async () => {
  const url = await serving(
    streaming((id, write) => {
      write(whole(id))
      return 'end'
    }),
  )
  const report = await new SoakLoad({ ...plan, url, streams: 5, seconds: 0.5 }).run()
  expect(report.endings.completed).toBeGreaterThan(10)
  expect(report.violations).toEqual({})
  expect(report.events).toBeGreaterThan(report.endings.completed * 40)
})

test('SoakLoad counts violations by kind, with samples', async () => {
  const url = await serving(
    streaming((id, write) => {
      const right = soakPiece(id, 0) + soakPiece(id, 1)
      if (id % 4 === 0) write(right + soakPiece(id, 1))
      if (id % 4 === 1) write(right + endPiece)
      if (id % 4 === 2) write(right)
      if (id % 4 === 3) write(`${right}data: {"error":{"code":"x"}}\n\n`)
      return id % 4 === 2 ? 'end' : 'cut'
    }),
  )
  const report = await new SoakLoad({ ...plan, url, streams: 8, seconds: 0.6 }).run()
  expect(Object.keys(report.violations).toSorted()).toEqual(['clean end', 'doubled', 'lost'])
  for (const { count, samples } of Object.values(report.violations)) {
    expect(count).toBeGreaterThan(5)
    expect(samples).toHaveLength(5)
    expect(samples[0]).toMatch(/^stream \d+: event /)
  }
  expect(report.interrupted).toHaveLength(report.endings.interrupted)
  expect(report.endings.interrupted).toBeGreaterThan(5)
})

test('SoakLoad counts a silent stream as hanging, and a stream that runs at the end as left', async () => {
  const url = await serving(
    streaming((id, write) => {
      if (id > 1) write(soakPiece(id, 0))
      return 'wait'
    }),
  )
  const report = await new SoakLoad({ ...plan, url, streams: 2, seconds: 1.9, hangMs: 900 }).run()
  expect(report.violations.hung?.count).toBe(2)
  expect(report.violations.hung?.samples[0]).toMatch(
    /^stream \d+: nothing came for 900 ms, after [01] events$/,
  )
  expect(report.leftAtEnd).toBe(2)
})

test('SoakLoad counts refusals by status and code, and a refused connection as no answer', async () => {
  const url = await serving((request, response) => {
    request.resume()
    response.writeHead(429).end('{"error":{"code":"all_keys_cooling","message":"Wait"}}')
  })
  const refused = await new SoakLoad({ ...plan, url, streams: 2, seconds: 0.3 }).run()
  const [[code, { count, samples }] = ['', { count: 0, samples: [] }]] = Object.entries(refused.refusals)
  expect([code, count]).toEqual(['429 all_keys_cooling', refused.endings.refused])
  expect(samples[0]).toBe('stream 1: Wait')
  for (const close of closers.splice(0)) await close()
  const target = { url, headers: {} }
  const ending = await new Promise((resolve) => {
    new SoakStream({ id: 1, target, agent: new Agent(), onEnd: (end) => resolve(end.ending) })
  })
  expect(ending).toMatchObject({ kind: 'no answer' })
})

test('SoakLoad records when a client leaves', async () => {
  const url = await serving(
    streaming((id, write) => {
      write(soakPiece(id, 0))
      return 'wait'
    }),
  )
  const report = await new SoakLoad({ ...plan, url, streams: 60, seconds: 0.9, intervalMs: 1 }).run()
  expect(report.left).toHaveLength(report.endings.left)
  expect(report.left.length + report.leftAtEnd).toBe(report.streams)
  expect(report.left.length).toBeGreaterThan(0)
})
