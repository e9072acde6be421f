import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Span, spanMs, startOf } from '../../history/spans.js'
import type { HistoryBatch, HistoryBlock } from '../../history/stored-history.js'
import { foldTallies, mergeTallies } from '../../history/tallies.js'
import type { Tally } from '../../history/tally.js'
import type { BlockPlace, HistoryMarks, HistoryShelf } from './history-shelf.js'

/** An hour is summed up so long after its end, because other processes write its last minute a little later. */
const graceMs = 2 * 60_000
/** Names that are added up without a turn of the event loop: that takes two or three milliseconds. */
const turnAfter = 1_000

/** Sums up hours and days that are over, and forgets what is older than it is kept. */
export async function rollUp(shelf: HistoryShelf, marks: HistoryMarks, batch: HistoryBatch): Promise<void> {
  const { now, dayOffsetMs, keep } = batch
  const hour = startOf(now - graceMs, spanMs.hour, dayOffsetMs)
  if (hour <= marks.hour) return
  await sumUp(shelf, { from: 'minute', to: 'hour', since: marks.hour, until: hour }, batch)
  const day = Math.max(startOf(hour, spanMs.day, dayOffsetMs), marks.day)
  if (day > marks.day) await sumUp(shelf, { from: 'hour', to: 'day', since: marks.day, until: day }, batch)
  await shelf.setMarks({ hour, day })
  await shelf.remove('minute', Math.min(now - keep.minutes * spanMs.minute, hour))
  await shelf.remove('hour', Math.min(now - keep.hours * spanMs.hour, day))
  await shelf.remove('day', now - keep.days * spanMs.day)
}

interface Part {
  readonly from: Span
  readonly to: Span
  readonly since: number
  readonly until: number
}

/** Adds the blocks of one span up to those of the next. */
async function sumUp(shelf: HistoryShelf, part: Part, { dayOffsetMs, keep }: HistoryBatch): Promise<void> {
  let place: BlockPlace | null = null
  let sums = new Map<string, Tally>()
  let work = 0
  const finish = async (): Promise<void> => {
    if (place === null) return
    foldTallies(sums, keep.names)
    await shelf.write(part.to, { ...place, tallies: sums })
  }
  const add = async (block: HistoryBlock): Promise<void> => {
    const at = startOf(block.at, spanMs[part.to], dayOffsetMs)
    if (place === null || place.at !== at || place.by !== block.by || place.upstream !== block.upstream) {
      await finish()
      place = { upstream: block.upstream, by: block.by, at }
      sums = await shelf.tallies(part.to, place)
    }
    mergeTallies(sums, block.tallies)
    work += block.tallies.size
    if (work < turnAfter) return
    work = 0
    await nextTurn()
  }
  await shelf.each(part.from, { by: null, from: part.since, to: part.until }, add)
  await finish()
}
