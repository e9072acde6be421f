import { afterAll, expect } from 'vitest'

/** Before each test file: what it could change for the files that run in the same process later. */
const before = stateOfProcess()

afterAll(() => {
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
