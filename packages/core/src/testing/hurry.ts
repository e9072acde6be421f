import { type FakeRuntime, promisesSettled } from './fake-runtime.js'

const stepMs = 10

/**
 * Waits for something real while time that is not runs on, in steps that are small beside every limit, as long as
 * `isStuck` says so.
 */
export async function hurry<T>(
  awaited: Promise<T>,
  runtime: FakeRuntime,
  isStuck: () => boolean = () => true,
): Promise<T> {
  let isOver = false
  const over = awaited.finally(() => {
    isOver = true
  })
  // A failure is seen by the `await` of the outcome below.
  over.catch(() => {})
  while (!isOver) {
    if (isStuck()) runtime.advance(stepMs)
    await promisesSettled()
  }
  return over
}
