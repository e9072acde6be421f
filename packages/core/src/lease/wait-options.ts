/** A request that may wait for a key. */
export interface WaitOptions {
  /** Until then, on the monotonic clock. */
  readonly deadlineAt: number
  /** It has had no attempt yet, so it may not be served before those who wait already. */
  readonly isNewArrival: boolean
  /** To be told what to call when the client leaves. */
  onAbort(leave: () => void): void
}
