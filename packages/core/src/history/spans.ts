/** The lengths of time that are kept: the shorter, the less long. */
export type Span = 'minute' | 'hour' | 'day'

export const spanMs: Readonly<Record<Span, number>> = Object.freeze({
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
})

/**
 * When the step of an instant began, on the provider's calendar: its days, and the hours in them, need not begin with
 * those of UTC.
 */
export function startOf(at: number, lengthMs: number, dayOffsetMs: number): number {
  return Math.floor((at + dayOffsetMs) / lengthMs) * lengthMs - dayOffsetMs
}
