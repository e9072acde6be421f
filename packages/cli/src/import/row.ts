import type { ImportedKey } from './imported.js'

/** A row of a table, or an object of JSON. */
export type Row = Readonly<Record<string, unknown>>

export const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A text that is not empty; undefined for anything else. */
export function textOf(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value.trim() : ''
  return text === '' ? undefined : text
}

/** A count of at least 0. */
export function countOf(value: unknown): number | undefined {
  const number = Number(value ?? Number.NaN)
  return Number.isFinite(number) && number >= 0 ? Math.floor(number) : undefined
}

/** Whether a flag is set: databases keep 0 and 1. */
export const isSet = (value: unknown): boolean =>
  value === true || value === 1 || value === '1' || value === 'true'

/** A decimal as in `12.5`; undefined for what is none. */
export function amountOf(value: unknown): string | undefined {
  if (typeof value === 'string')
    return /^-?\d{1,15}(\.\d{1,15})?$/.test(value.trim()) ? value.trim() : undefined
  if (typeof value !== 'number' || !Number.isFinite(value) || Math.abs(value) >= 1e15) return undefined
  // Twelve digits: more are the noise of binary fractions, and fewer could lose a fraction of a token's price.
  return value.toFixed(12).replace(/\.?0+$/, '')
}

/**
 * An instant in milliseconds since the Unix epoch: of seconds or milliseconds, or of a text. A text without a zone, as
 * databases write it, is in UTC unless another is named.
 */
export function instantOf(value: unknown, zone = 'Z'): number | undefined {
  if (typeof value === 'number' || (typeof value === 'string' && /^\d{9,13}$/.test(value))) {
    const number = Number(value)
    if (!(number > 0)) return undefined
    return number < 1e11 ? number * 1_000 : number
  }
  const text = textOf(value)
  if (text === undefined) return undefined
  const hasZone = /(?:z|gmt|[+-]\d{2}:?\d{2})$/i.test(text)
  const at = Date.parse(hasZone ? text : `${text.replace(' ', 'T')}${zone}`)
  return Number.isNaN(at) || at <= 0 ? undefined : at
}

/** Parts of a key without those that are undefined. */
export function known<T extends object>(parts: T): { [Name in keyof T]: Exclude<T[Name], undefined> } {
  const entries = Object.entries(parts).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [Name in keyof T]: Exclude<T[Name], undefined> }
}

/**
 * A balance that some system noted. Zero stands there for "not asked yet" and for "the question failed", too, so it
 * counts only when it was asked for and nothing failed.
 */
export function balanceOf(
  value: unknown,
  { at, hasFailed = false }: { at: number | undefined; hasFailed?: boolean },
): ImportedKey['balance'] {
  const amount = amountOf(value)
  if (amount === undefined) return undefined
  if (Number(amount) === 0 && (at === undefined || hasFailed)) return undefined
  return { amount, at: at ?? null }
}
