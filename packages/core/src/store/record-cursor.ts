import { ConfigError } from '../errors.js'

/** Reads the place in a list that a page gave as its `next`. */
export function placeOfCursor(cursor: string | null | undefined, beginning: number): number {
  if (cursor === null || cursor === undefined) return beginning
  if (!/^\d{1,15}$/.test(cursor))
    throw new ConfigError('cursor', 'must be the `next` of an earlier page', cursor)
  return Number(cursor)
}

/** Before the first place of a list, and behind the last. */
export const firstPlace = 0
export const lastPlace: number = Number.MAX_SAFE_INTEGER

export function checkedLimit(limit: number | undefined, fallback: number): number {
  if (limit === undefined) return fallback
  if (!(limit >= 1)) throw new ConfigError('limit', 'must be a number above 0', limit)
  return Math.floor(limit)
}
