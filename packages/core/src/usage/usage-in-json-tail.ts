import { isRecord, parseJson } from '../wire/json.js'
import { readUsage } from './read-usage.js'
import type { Usage } from './usage.js'

/**
 * The usage in the last bytes of a large JSON reply, where it comes after megabytes of vectors. Null when the tail does
 * not hold it whole.
 */
export function usageInJsonTail(tail: string): Usage | null {
  return usageAfter('"usage"', tail) ?? usageAfter('"tokens"', tail)
}

function usageAfter(name: string, tail: string): Usage | null {
  const at = tail.lastIndexOf(name)
  const open = at === -1 ? -1 : tail.indexOf('{', at)
  if (open === -1) return null
  let depth = 0
  for (let index = open; index < tail.length; index++) {
    if (tail[index] === '{') depth++
    else if (tail[index] === '}' && --depth === 0) return parseUsage(tail.slice(open, index + 1))
  }
  return null
}

function parseUsage(text: string): Usage | null {
  const usage = parseJson(text)
  return isRecord(usage) ? readUsage(usage) : null
}
