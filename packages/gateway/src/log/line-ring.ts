import { type LogLevel, levelName, levelNumber } from './log-level.js'

/** A line of the application log: what happened, and the fields of the line as it was written. */
export interface LogLine {
  /** Grows by one with each line. */
  readonly seq: number
  /** ISO 8601, UTC. */
  readonly at: string
  readonly level: LogLevel
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

export interface LogPage {
  readonly total: number
  /** The newest first. */
  readonly items: readonly LogLine[]
  readonly next: string | null
}

export interface LineQuery {
  /** Lines of that level, and worse. @default all */
  readonly level?: LogLevel | undefined
  /** @default 100 */
  readonly limit?: number | undefined
  /** Lines before this one. */
  readonly cursor?: number | undefined
}

const mostLines = 2_000
const longestLine = 8_192

interface Held {
  readonly seq: number
  readonly level: number
  readonly text: string
}

/** The newest lines of a log in memory, as they were written: they are read seldom, and parsed only then. */
export class LineRing {
  readonly #held: Held[] = []
  #seq = 0

  add(level: number, text: string): void {
    const seq = ++this.#seq
    if (text.length > longestLine) return
    this.#held[(seq - 1) % mostLines] = { seq, level, text }
  }

  recent({ level = 'trace', limit = 100, cursor }: LineQuery = {}): LogPage {
    const least = levelNumber(level)
    const found = this.#held.filter((line) => line.level >= least).sort((one, other) => other.seq - one.seq)
    const ahead = cursor === undefined ? found : found.filter(({ seq }) => seq < cursor)
    const page = ahead.slice(0, limit)
    return {
      total: found.length,
      items: page.map(lineOf),
      next: ahead.length > limit ? String(page.at(-1)?.seq) : null,
    }
  }
}

function lineOf({ seq, level, text }: Held): LogLine {
  const { level: _, time, msg, ...fields } = JSON.parse(text) as Record<string, unknown>
  const at = new Date(typeof time === 'number' ? time : 0).toISOString()
  return { seq, at, level: levelName(level), message: String(msg ?? ''), fields }
}
