import type { AttemptReport } from './report.js'

/** The attempts of a request, for a client that may see them: keys by their ids, and no secrets. */
export interface Trace {
  /** The name that the client asked for; an attempt names its own model where that is another. */
  readonly model: string
  /** Milliseconds spent waiting for a key. */
  readonly waitedMs: number
  /** Whether the body can be sent again; false above the replay limit. */
  readonly isRepeatable: boolean
  /** Why there was no further attempt, where that was not for want of a key. */
  readonly endedBy?: 'retryBudget' | null
  /** The attempts in their order. The attempt whose answer begins with this header has no outcome yet. */
  readonly attempts: readonly (Omit<AttemptReport, 'outcome'> & {
    readonly outcome: AttemptReport['outcome'] | null
  })[]
}

/** The most attempts in a header. Clients refuse more than 16 KB of headers, and these take a third of that. */
const longest = 50

/**
 * The trace as the value of a header: JSON in ASCII. When there are more attempts than fit, it has the last ones, and
 * `omitted` counts those before them.
 */
export function traceHeader({ model, waitedMs, isRepeatable, endedBy = null, attempts }: Trace): string {
  const omitted = Math.max(attempts.length - longest, 0)
  const text = JSON.stringify({
    model,
    waitedMs,
    ...(isRepeatable ? {} : { isRepeatable }),
    ...(endedBy === null ? {} : { endedBy }),
    ...(omitted === 0 ? {} : { omitted }),
    // An account's name is the operator's own word, and not for clients.
    attempts: attempts.slice(omitted).map(({ account: _, ...shown }) => shown),
  })
  return inAscii(text)
}

/** Escapes characters outside ASCII as JSON does, because headers carry ASCII only. */
export const inAscii = (text: string): string =>
  text.replace(/[^ -~]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
