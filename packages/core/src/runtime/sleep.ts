import type { Runtime } from './runtime.js'

/** Resolves after a while, or at once when the signal fires. */
export function sleep(lengthMs: number, runtime: Runtime, signal?: AbortSignal): Promise<void> {
  if (lengthMs <= 0 || signal?.aborted === true) return Promise.resolve()
  return new Promise((resolve) => {
    const end = () => {
      runtime.clearTimer(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    // A caller waits for the end, so the process must live until then.
    const timer = runtime.setTimer(end, lengthMs, true)
    signal?.addEventListener('abort', end, { once: true })
  })
}

/** What the promise gives, or undefined as soon as the signal fires. Leaves nothing behind on a signal that lives long. */
export function unlessStopped<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return Promise.resolve(undefined)
  return new Promise((resolve, reject) => {
    const leave = () => resolve(undefined)
    signal.addEventListener('abort', leave, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}
