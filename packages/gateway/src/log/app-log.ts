import { ConfigError } from '@sfpool/core'
import { LineBuffer } from './line-buffer.js'
import { LineRing } from './line-ring.js'
import { type LogLevel, levelNumber } from './log-level.js'
import { RotatingFile } from './rotating-file.js'

/** Where else lines go, beside memory and the file: whole lines of JSON, each with its end. */
export interface LogOutput {
  write(line: string): void
  close?(): Promise<void>
}

export interface AppLogOptions {
  /** Lines below it are not written. @default 'info' */
  readonly level?: LogLevel | 'silent' | undefined
  /** A file for the lines, which only its owner may read. @default none */
  readonly file?: string | undefined
  /** Bytes of that file, before it is put aside as `<file>.1`. @default 16_777_216 */
  readonly size?: number | undefined
  /** Files that are kept, the present one included. @default 5 */
  readonly count?: number | undefined
  /** What takes the lines beside memory and the file; false for nothing. @default standard error */
  readonly output?: LogOutput | false | undefined
  /** @default Date.now */
  readonly now?: (() => number) | undefined
}

const defaultSize = 16 * 1024 * 1024
const defaultCount = 5

/**
 * The application log of a gateway: lines of JSON on standard error, in a file that rotates, and the newest in memory,
 * which administrators read. Nothing that it writes to can end or delay the server. Pass it as the option `logger`.
 *
 * @throws ConfigError on a wrong option, and for a file that cannot be opened.
 */
export class AppLog {
  readonly #ring = new LineRing()
  readonly #file: { readonly target: RotatingFile; readonly lines: LineBuffer } | null
  readonly #output: LogOutput | null
  readonly #now: () => number
  #level: LogLevel | 'silent'
  #onLevel: ((level: LogLevel | 'silent') => void)[] = []

  constructor(options: AppLogOptions = {}) {
    const { level = 'info', output, now = Date.now } = options
    this.#level = level
    this.#now = now
    this.#file = fileOf(options, now)
    this.#output = output === false ? null : (output ?? new LineBuffer(2, now))
  }

  /** Lines below it are not written; may be changed at any time. */
  get level(): LogLevel | 'silent' {
    return this.#level
  }

  set level(level: LogLevel | 'silent') {
    this.#level = level
    for (const tell of this.#onLevel) tell(level)
  }

  /** Calls back when the level changes. */
  onLevel(tell: (level: LogLevel | 'silent') => void): void {
    this.#onLevel.push(tell)
  }

  isEnabled(level: LogLevel): boolean {
    return this.#level !== 'silent' && levelNumber(level) >= levelNumber(this.#level)
  }

  /** Takes a line of JSON with its end. */
  write(line: string): void {
    this.#keep(line)
    this.#output?.write(line)
  }

  /** A line for memory and the file alone: what has been said on standard error in other words. */
  note(level: LogLevel, msg: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (!this.isEnabled(level)) return
    this.#keep(`${JSON.stringify({ level: levelNumber(level), time: this.#now(), ...fields, msg })}\n`)
  }

  /** The newest lines, of a level and worse. */
  recent: LineRing['recent'] = (query) => this.#ring.recent(query)

  /** Opens the file anew, after another program has put it aside. */
  reopen(): void {
    this.#file?.target.reopen()
  }

  /** Resolves when the lines so far are in the file, or lost. */
  async drained(): Promise<void> {
    await this.#file?.lines.drained()
  }

  /** Resolves when all lines are written or lost. */
  async close(): Promise<void> {
    await Promise.all([this.#file?.lines.close(), this.#output?.close?.()])
    this.#file?.target.close()
  }

  #keep(line: string): void {
    this.#ring.add(levelIn(line), line)
    this.#file?.lines.write(line)
  }
}

/** Every line begins with its level: `{"level":30,`. */
function levelIn(line: string): number {
  const level = line.charCodeAt(9) * 10 + line.charCodeAt(10) - 48 * 11
  return level >= 10 && level <= 60 ? level : 30
}

function fileOf({ file, size, count }: AppLogOptions, now: () => number) {
  if (file === undefined) return null
  if (file === '') throw new ConfigError('log.file', 'must be a path', file)
  if (size !== undefined && (!Number.isInteger(size) || size < 1_024))
    throw new ConfigError('log.size', 'must be a whole number of bytes, 1024 at least', size)
  if (count !== undefined && (!Number.isInteger(count) || count < 1 || count > 1_000))
    throw new ConfigError('log.count', 'must be a whole number from 1 to 1000', count)
  try {
    const options = { path: file, size: size ?? defaultSize, count: count ?? defaultCount }
    const target = new RotatingFile(options, now)
    return { target, lines: new LineBuffer(target, now) }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new ConfigError('log.file', `must be a file that can be written (${code ?? message})`, file)
  }
}
