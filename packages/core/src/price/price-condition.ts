import type { Consumption } from './consumption.js'
import type { PriceLine } from './price-list.js'

const dayMs = 86_400_000

/** When a price line applies: by the length of the input and the time of day. `offsetMs` is that of the list's zone. */
export function conditionOf(
  { aboveInputTokens = -1, hours }: PriceLine,
  offsetMs: number,
): (consumption: Consumption, at: number) => boolean {
  const [from, to] = (hours ?? ['00:00', '24:00']).map(timeOfDayMs) as [number, number]
  const isOverMidnight = to <= from
  return ({ promptTokens = 0 }, at) => {
    if (promptTokens <= aboveInputTokens) return false
    const time = (((at + offsetMs) % dayMs) + dayMs) % dayMs
    return isOverMidnight ? time >= from || time < to : time >= from && time < to
  }
}

/** The offset of a zone as in `+08:00`, in milliseconds. */
export const zoneOffsetMs = (zone: string): number => (zone[0] === '-' ? -1 : 1) * timeOfDayMs(zone.slice(1))

function timeOfDayMs(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return (hours * 60 + minutes) * 60_000
}
