import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Span, spanMs } from '../../history/spans.js'
import type { HistoryBlock, HistoryDimension } from '../../history/stored-history.js'
import { decodeTallies, encodeTallies } from '../../history/tallies.js'
import type { Latencies, Tally } from '../../history/tally.js'
import type { BlockPlace, HistoryMarks, HistoryShelf, ShelfRange } from '../history/history-shelf.js'
import type { SqlSession } from './sql-port.js'

/*
 * A row has all names of a step, packed: a tenth of the space of a row for each, and a query reads as many rows as its
 * chart has points. The bytes are text, in base64, because that is what every driver takes.
 */

/** Takes the span, the dimension, the upstream and the instant. */
const read = 'SELECT tallies FROM history WHERE span = ? AND dimension = ? AND upstream = ? AND at = ?'

/** Takes the same, and the tallies. */
const write = `
  INSERT INTO history (span, dimension, upstream, at, tallies) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (span, dimension, upstream, at) DO UPDATE SET tallies = excluded.tallies`

const columns = 'SELECT dimension, upstream, at, tallies FROM history WHERE span = ?1'
const order = 'AND at >= ?5 AND at < ?6 ORDER BY dimension, upstream, at LIMIT ?7'

/** Takes the span, the place before the first row, from, to, and the number of rows; the latter of one dimension. */
const readAll = `${columns} AND (dimension, upstream, at) > (?2, ?3, ?4) ${order}`
const readOne = `${columns} AND dimension = ?2 AND (upstream, at) > (?3, ?4) ${order}`

const remove = 'DELETE FROM history WHERE span = ? AND at < ?'

const readMarks = "SELECT name, value FROM meta WHERE name IN ('history_hour', 'history_day')"

/** Takes the name and the instant. */
const writeMark = `
  INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`

/** Rows read at once, before others have a turn of the event loop. */
const readSize = 20

/** Earlier than any instant that is stored, and yet a whole number of SQLite's. */
const never = -8_640_000_000_000_000

/** The blocks of history in a SQLite file, within one transaction. */
export class SqliteHistoryShelf implements HistoryShelf {
  readonly #session: SqlSession

  constructor(session: SqlSession) {
    this.#session = session
  }

  async marks(): Promise<HistoryMarks> {
    const rows = await this.#session.rows(readMarks)
    const values = new Map(rows.map(({ name, value }) => [name, Number(value)]))
    return { hour: values.get('history_hour') ?? never, day: values.get('history_day') ?? never }
  }

  async setMarks({ hour, day }: HistoryMarks): Promise<void> {
    await this.#session.write(writeMark, ['history_hour', hour])
    await this.#session.write(writeMark, ['history_day', day])
  }

  async tallies(span: Span, { by, upstream, at }: BlockPlace): Promise<Map<string, Tally>> {
    const rows = await this.#session.rows(read, [spanMs[span], by, upstream, at])
    return talliesOf(rows[0]?.tallies)
  }

  async write(span: Span, { by, upstream, at, tallies }: HistoryBlock): Promise<void> {
    const text = Buffer.from(encodeTallies(tallies)).toString('base64')
    await this.#session.write(write, [spanMs[span], by, upstream, at, text])
  }

  async each(
    span: Span,
    { by, from, to, latencies }: ShelfRange,
    visit: (block: HistoryBlock) => void | Promise<void>,
  ): Promise<void> {
    const [first, end] = [Math.max(from, never), Math.min(to, -never)]
    let last: readonly [string, string, number] = [by ?? '', '', never]
    for (;;) {
      const args = [spanMs[span], ...last, first, end, readSize]
      const rows = await this.#session.rows(by === null ? readAll : readOne, args)
      for (const row of rows) {
        const place = {
          by: row.dimension as HistoryDimension,
          upstream: String(row.upstream),
          at: Number(row.at),
        }
        last = [place.by, place.upstream, place.at]
        await visit({ ...place, tallies: talliesOf(row.tallies, latencies) })
      }
      if (rows.length < readSize) return
      await nextTurn()
    }
  }

  async remove(span: Span, before: number): Promise<void> {
    await this.#session.write(remove, [spanMs[span], Math.max(before, never)])
  }
}

function talliesOf(text: unknown, latencies?: Latencies): Map<string, Tally> {
  return typeof text === 'string' ? decodeTallies(Buffer.from(text, 'base64'), latencies) : new Map()
}
