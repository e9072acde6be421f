/** A request that may wait for a key. */
export interface WaitOptions {
  /** Until then, on the monotonic clock. */
  readonly deadlineAt: number
  /** It has had no attempt yet, so it may not be served before requests that wait already. */
  readonly isNewArrival: boolean
  /** Is given the function to call when the client leaves. */
  onAbort(leave: () => void): void
}
