import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { maxParallel, takeTurn } from './connection-turns.js'

/** A connection whose client has sent more at every look. */
class FakeSocket extends EventEmitter {
  bytesRead = 0
  destroyed = false
  reads = 0
  #isPaused = false
  readonly #chunk: number

  constructor(chunk: number) {
    super()
    this.#chunk = chunk
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.emit('resume')
    if (this.#isPaused) return
    this.reads++
    this.bytesRead += this.#chunk
  }

  isPaused(): boolean {
    return this.#isPaused
  }

  destroy(): void {
    this.destroyed = true
    this.emit('close')
  }
}

/** Pipelines requests behind the one at the head; gives the responses that are being served. */
function pipeline(socket: FakeSocket, count: number): EventEmitter[] {
  const served: EventEmitter[] = []
  for (let sent = 0; sent < count; sent++) {
    const response = Object.assign(new EventEmitter(), { socket: null, destroyed: false })
    const request = { httpVersionMajor: 1, socket }
    takeTurn(request as unknown as IncomingMessage, response as unknown as ServerResponse, () => {
      served.push(response)
    })
  }
  return served
}

const kilobytes64 = 65_536

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setImmediate'] })
})
afterEach(() => {
  vi.useRealTimers()
})

it('a held connection is read for a moment now and then, and paused again', () => {
  const socket = new FakeSocket(0)
  pipeline(socket, 2 * maxParallel)
  expect([socket.isPaused(), socket.reads]).toEqual([true, 0])
  vi.advanceTimersByTime(10_001)
  expect([socket.isPaused(), socket.reads]).toEqual([true, 5])
  socket.resume()
  expect([socket.isPaused(), socket.reads, socket.destroyed]).toEqual([true, 5, false])
})

it('a held connection is cut when its client sends more than a megabyte and no request ends', () => {
  const socket = new FakeSocket(kilobytes64)
  pipeline(socket, 2 * maxParallel)
  vi.advanceTimersByTime(60_000)
  expect(socket.destroyed).toBe(true)
  expect(socket.bytesRead).toBe(17 * kilobytes64)
  expect(vi.getTimerCount()).toBe(0)
})

it('a held connection is not cut as long as its requests end', () => {
  const socket = new FakeSocket(kilobytes64)
  const served = pipeline(socket, 2 * maxParallel)
  for (let round = 0; round < 50; round++) {
    vi.advanceTimersByTime(4_000)
    served[round]?.emit('close')
  }
  vi.advanceTimersByTime(0)
  expect(socket.destroyed).toBe(false)
  expect(served).toHaveLength(maxParallel - 1 + 50)
})

it('a connection is read freely again when none of its requests waits', () => {
  const socket = new FakeSocket(0)
  const served = pipeline(socket, maxParallel)
  served[0]?.emit('close')
  vi.advanceTimersByTime(0)
  expect([socket.isPaused(), served.length, vi.getTimerCount()]).toEqual([false, maxParallel, 0])
})

/** Sends requests that find those before them answered; gives how many are begun. */
function ask(socket: FakeSocket, count: number): () => number {
  let begun = 0
  for (let sent = 0; sent < count; sent++) {
    const response = Object.assign(new EventEmitter(), { socket, destroyed: false })
    const request = { httpVersionMajor: 1, socket }
    takeTurn(request as unknown as IncomingMessage, response as unknown as ServerResponse, () => {
      begun++
      queueMicrotask(() => response.emit('close'))
    })
  }
  return () => begun
}

/** The next turn of the event loop. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

it('of the requests that come in a row, a hundred are begun at once, and no more in each later turn of the event loop', async () => {
  vi.useRealTimers()
  const socket = new FakeSocket(0)
  const begun = ask(socket, 1_000)
  expect([begun(), socket.isPaused()]).toEqual([100, true])
  for (let before = begun(); begun() < 1_000; before = begun()) {
    await nextTurn()
    expect(begun() - before).toBeLessThanOrEqual(100)
  }
  expect(socket.isPaused()).toBe(false)
})

it('connections that send many requests in a row share each turn of the event loop, and are read again one by one', async () => {
  vi.useRealTimers()
  const sockets = Array.from({ length: 5 }, () => new FakeSocket(0))
  const begun = sockets.map((socket) => ask(socket, 300))
  const sum = (): number => begun.reduce((total, count) => total + count(), 0)
  const read = (): number => sockets.filter((socket) => !socket.isPaused()).length
  let readBefore = read()
  for (let before = 500; sum() < 1_500; before = sum(), readBefore = read()) {
    await nextTurn()
    expect(sum() - before).toBeLessThanOrEqual(100)
    expect(read() - readBefore).toBeLessThanOrEqual(1)
  }
  expect(read()).toBe(5)
})

it('requests that wait for their turn are dropped when their client leaves', () => {
  const socket = new FakeSocket(0)
  const begun = ask(socket, 1_000)
  socket.destroy()
  vi.runAllTimers()
  expect([begun(), vi.getTimerCount()]).toEqual([100, 0])
})

it('a client that sends one request after another never waits, however many it sends', () => {
  const socket = new FakeSocket(0)
  for (let sent = 0; sent < 1_000; sent++) {
    let isServed = false
    takeTurn(
      { httpVersionMajor: 1, socket } as unknown as IncomingMessage,
      { socket, destroyed: false } as unknown as ServerResponse,
      () => {
        isServed = true
      },
    )
    expect([isServed, socket.isPaused()]).toEqual([true, false])
    // The next one comes in another turn of the event loop.
    vi.advanceTimersByTime(0)
  }
})
