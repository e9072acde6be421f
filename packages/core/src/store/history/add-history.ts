import { type Span, spanMs, startOf } from '../../history/spans.js'
import type { HistoryBatch, HistoryBlock } from '../../history/stored-history.js'
import { foldTallies, mergeTallies } from '../../history/tallies.js'
import type { HistoryShelf } from './history-shelf.js'
import { rollUp } from './roll-up.js'

/**
 * Adds the figures of minutes to those on the shelf. What belongs to an hour, or to a day, that is summed up already is
 * added to its sum as well, however late it comes. Then sums up what is over, and forgets what is too old.
 */
export async function addHistory(shelf: HistoryShelf, batch: HistoryBatch): Promise<void> {
  const { blocks, dayOffsetMs, keep } = batch
  const marks = await shelf.marks()
  for (const block of blocks) {
    const { at } = block
    const spans: Span[] = ['minute']
    if (at < marks.hour) spans.push('hour')
    if (at < marks.day) spans.push('day')
    for (const span of spans) {
      const start = startOf(at, spanMs[span], span === 'minute' ? 0 : dayOffsetMs)
      await addBlock(shelf, span, { ...block, at: start }, keep.names)
    }
  }
  await rollUp(shelf, marks, batch)
}

async function addBlock(shelf: HistoryShelf, span: Span, block: HistoryBlock, names: number): Promise<void> {
  const tallies = await shelf.tallies(span, block)
  mergeTallies(tallies, block.tallies)
  foldTallies(tallies, names, block.tallies)
  await shelf.write(span, { ...block, tallies })
}
