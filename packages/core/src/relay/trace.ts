import type { AttemptReport } from './report.js'

/** The attempts of a request as they happened, for those who may know: no secrets, keys by id. */
export interface Trace {
  /** The name that the client asked for; attempts name theirs where it is another. */
  readonly model: string
  /** Milliseconds spent waiting for a key. */
  readonly waitedMs: number
  /** False for a body above the replay limit, which is sent once only. */
  readonly isRepeatable: boolean
  /** In their order. The one whose answer begins with this header has no outcome yet. */
  readonly attempts: readonly (Omit<AttemptReport, 'outcome'> & {
    readonly outcome: AttemptReport['outcome'] | null
  })[]
}

/** Clients refuse headers above 16 KB, all together; so many attempts take a third of that. */
const longest = 50

/**
 * The trace as the value of a header: JSON in ASCII. Of more attempts than fit, the last; `omitted` counts those before.
 */
export function traceHeader({ model, waitedMs, isRepeatable, attempts }: Trace): string {
  const omitted = Math.max(attempts.length - longest, 0)
  const text = JSON.stringify({
    model,
    waitedMs,
    ...(isRepeatable ? {} : { isRepeatable }),
    ...(omitted === 0 ? {} : { omitted }),
    attempts: attempts.slice(omitted),
  })
  return inAscii(text)
}

/** Headers carry ASCII only; what is not, as JSON writes it. */
export const inAscii = (text: string): string =>
  text.replace(/[^ -~]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
