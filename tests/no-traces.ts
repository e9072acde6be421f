import { afterAll, expect } from 'vitest'

const { Request, Response } = globalThis
/** Before each test file: what it could change for the files that run in the same process later. */
const before = stateOfProcess()

afterAll(() => {
  // The Node server of hono puts lighter ones in their place, which accept what the real ones refuse.
  for (const [name, value] of Object.entries({ Request, Response }))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
  expect(stateOfProcess(), 'what this test file changed for the files after it').toEqual(before)
})

/** What any code of a process can see and change. Functions are compared by identity: a double that stayed is found. */
function stateOfProcess() {
  const names = Object.getOwnPropertyNames(globalThis).filter((name) => !name.startsWith('__'))
  return {
    environment: { ...process.env },
    directory: process.cwd(),
    exitCode: process.exitCode,
    globals: names.toSorted(),
    listeners: ['uncaughtException', 'unhandledRejection', 'warning'].map(
      (event) => `${event}: ${process.listenerCount(event)}`,
    ),
    fetch: globalThis.fetch,
    date: Date,
    now: Date.now,
    random: Math.random,
    setTimeout: globalThis.setTimeout,
    setInterval: globalThis.setInterval,
    setImmediate: globalThis.setImmediate,
    queueMicrotask: globalThis.queueMicrotask,
    monotonic: performance.now,
    stringify: JSON.stringify,
  }
}
