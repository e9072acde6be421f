const units: readonly (readonly [name: string, lengthMs: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
]

/** Formats a duration, rounded up, in the largest unit of which it has at least two: `40s`, `90s`, `3m`, `2h`, `5d`. */
export function span(lengthMs: number): string {
  for (const [index, [name, unitMs]] of units.entries()) {
    const [, smallerMs = 0] = units[index + 1] ?? []
    if (lengthMs > 2 * unitMs - smallerMs || name === 's')
      return `${Math.max(0, Math.ceil(lengthMs / unitMs))}${name}`
  }
  return '0s'
}

/** Formats how long ago an ISO instant was, such as `3m ago`. */
export function ago(instant: string, now: number): string {
  const lengthMs = now - Date.parse(instant)
  return lengthMs < 1_000 ? 'now' : `${span(lengthMs)} ago`
}

/** Formats the time until an ISO instant, such as `in 40s`. */
export function until(instant: string, now: number): string {
  return `in ${span(Math.max(Date.parse(instant) - now, 0))}`
}
