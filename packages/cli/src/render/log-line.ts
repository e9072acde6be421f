import stringWidth from 'string-width'
import type { Colors } from './colors.js'
import { oneLine } from './scrub.js'

export interface LogLineOptions {
  readonly paint: Colors
  /** The width of the terminal; undefined where there is none. */
  readonly columns: number | undefined
  /** The masked key of an id; undefined when it is gone. */
  readonly maskOf: (id: string) => string | undefined
}

/** A part of a line. What is least important is left out first, where a line is too long. */
interface Part {
  readonly text: string
  readonly importance: number
  readonly paint?: (text: string) => string
  /** May be cut to this many columns. */
  readonly least?: number
}

type Fields = Readonly<Record<string, unknown>>

const gap = '  '
const modelWidth = 26

/** Renders a line of the log, which is JSON, for people: one line that fits the terminal, without its end. */
export function logLine(json: string, options: LogLineOptions): string {
  let fields: Fields
  try {
    fields = JSON.parse(json) as Fields
  } catch {
    return oneLine(json)
  }
  const { paint, columns } = options
  const parts = fields.msg === 'request' ? requestParts(fields, options) : messageParts(fields, paint)
  return fitted(parts, columns)
    .map(({ text, paint: painted }) => painted?.(text) ?? text)
    .join(gap)
    .trimEnd()
}

function requestParts(fields: Fields, { paint, maskOf }: LogLineOptions): Part[] {
  const { status, model, method, path, keys, durationMs, attempts, code, client, reason } = fields
  const asked = text(fields.askedModel ?? model)
  const named = asked === '' ? `${text(method)} ${text(path)}` : asked
  const replaced = fields.askedModel === undefined ? '' : ` → ${text(model)}`
  const key = Array.isArray(keys) ? text(keys.at(-1)) : ''
  const parts: Part[] = [
    time(fields, paint),
    { text: text(status), importance: 10, paint: statusPaint(Number(status), paint) },
    { text: pad(named + replaced, modelWidth), importance: 9, least: 12 },
    { text: pad(key === '' ? '' : (maskOf(key) ?? key), 12), importance: 8, paint: paint.cyan },
    { text: lengthOf(Number(durationMs)).padStart(6), importance: 7 },
    { text: pad(tokens(fields), 11), importance: 5 },
  ]
  if (Number(attempts) > 1) parts.push({ text: `${attempts} attempts`, importance: 6, paint: paint.yellow })
  if (code !== undefined) parts.push({ text: text(code), importance: 6.5, paint: paint.red })
  if (client !== undefined) parts.push({ text: text(client), importance: 3, paint: paint.dim })
  if (reason !== undefined) parts.push({ text: text(reason), importance: 2, paint: paint.dim, least: 20 })
  return parts
}

function messageParts(fields: Fields, paint: Colors): Part[] {
  const { level, msg, reason, code, err, path } = fields
  const number = Number(level)
  const [name, painted] =
    number >= 50 ? ['error', paint.red] : number >= 40 ? ['warn', paint.yellow] : ['info', paint.dim]
  const fault = typeof err === 'object' && err !== null ? text(Reflect.get(err, 'message')) : ''
  const parts: Part[] = [
    time(fields, paint),
    { text: name, importance: 10, paint: painted },
    { text: text(msg), importance: 9, least: 20 },
  ]
  for (const more of [text(path), text(code), fault, text(reason)])
    if (more !== '') parts.push({ text: more, importance: 5, paint: paint.dim, least: 20 })
  return parts
}

function time({ time: at }: Fields, paint: Colors): Part {
  const date = new Date(typeof at === 'number' ? at : 0)
  const two = (number: number): string => String(number).padStart(2, '0')
  const shown = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  return { text: shown, importance: 4, paint: paint.dim }
}

function statusPaint(status: number, paint: Colors): (text: string) => string {
  if (status >= 500) return paint.red
  return status >= 400 ? paint.yellow : paint.green
}

function tokens({ promptTokens, completionTokens }: Fields): string {
  if (typeof promptTokens !== 'number' || typeof completionTokens !== 'number') return ''
  return `${promptTokens}→${completionTokens}`
}

function lengthOf(ms: number): string {
  if (!(ms >= 1_000)) return `${Math.round(ms)}ms`
  return ms < 100_000 ? `${(ms / 1_000).toFixed(1)}s` : `${Math.round(ms / 1_000)}s`
}

/** Models, paths and codes come from others: nothing in them may act on the terminal. */
const text = (value: unknown): string => (value === undefined || value === null ? '' : oneLine(String(value)))

const pad = (value: string, width: number): string =>
  value + ' '.repeat(Math.max(width - stringWidth(value), 0))

/** The parts that fit: padding goes first, then the least important part is cut, or left out, and so on. */
function fitted(given: readonly Part[], columns: number | undefined): Part[] {
  let parts = given.filter(({ text: shown }) => shown !== '')
  if (columns === undefined) return parts
  for (const shrinks of [isPadded, () => true]) {
    for (const part of parts.filter(shrinks).sort((one, other) => one.importance - other.importance)) {
      const excess = widthOf(parts) - columns
      if (excess <= 0) return parts
      const width = stringWidth(part.text)
      const least = shrinks === isPadded ? stringWidth(part.text.trimEnd()) : (part.least ?? width)
      const mayGo = shrinks !== isPadded && (part.least === undefined || width - least < excess)
      if (mayGo && part.importance < essential) parts = parts.filter((other) => other !== part)
      else
        parts = parts.map((other) =>
          other === part ? shortened(part, Math.max(width - excess, least)) : other,
        )
    }
  }
  return widthOf(parts) <= columns ? parts : parts.slice(0, 1).map((part) => shortened(part, columns))
}

/** Parts of this importance are cut rather than left out. */
const essential = 9

const isPadded = ({ text: shown }: Part): boolean => shown.endsWith(' ')

const shortened = (part: Part, width: number): Part => ({ ...part, text: cut(part.text, width) })

const widthOf = (parts: readonly Part[]): number =>
  parts.reduce((sum, part) => sum + stringWidth(part.text), 0) + gap.length * Math.max(parts.length - 1, 0)

/** The beginning of a text in so many columns; padding goes before anything that says something. */
function cut(given: string, width: number): string {
  const bare = given.trimEnd()
  if (stringWidth(bare) <= width) return bare + ' '.repeat(width - stringWidth(bare))
  let shown = ''
  for (const sign of bare) {
    if (stringWidth(shown + sign) > width - 1) break
    shown += sign
  }
  return `${shown}…${' '.repeat(Math.max(width - 1 - stringWidth(shown), 0))}`
}
