import { pathnameOf } from '../http/target.js'

/** Longer paths are cut, so that a line stays readable. No upstream has a path that long. */
const longestPath = 256

/** A path as logs show it: without its query, which may hold a secret. */
export function shownPath(path: string): string {
  const pathname = pathnameOf(path)
  return pathname.length > longestPath ? `${pathname.slice(0, longestPath)}…` : pathname
}
