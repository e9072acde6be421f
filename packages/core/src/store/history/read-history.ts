import type { Span } from '../../history/spans.js'
import type { HistoryBlock, HistoryRange } from '../../history/stored-history.js'
import type { HistoryShelf } from './history-shelf.js'

/** Passes on the blocks of a range: long steps as far as they are summed up, shorter ones for the time since then. */
export async function readHistory(
  shelf: HistoryShelf,
  { by, span, from, to, latencies = 'all' }: HistoryRange,
  each: (block: HistoryBlock) => void,
): Promise<void> {
  const marks = await shelf.marks()
  const part = async (of: Span, since: number, until: number): Promise<void> => {
    const range = { by, from: Math.max(from, since), to: Math.min(to, until), latencies }
    if (range.from < range.to) await shelf.each(of, range, each)
  }
  const never = Number.NEGATIVE_INFINITY
  const ever = Number.POSITIVE_INFINITY
  if (span === 'day') await part('day', never, marks.day)
  if (span !== 'minute') await part('hour', span === 'day' ? marks.day : never, marks.hour)
  await part('minute', span === 'minute' ? never : marks.hour, ever)
}
