// @ts-check
import { readFileSync } from 'node:fs'

/**
 * The core of the process under test, and the core of everything that loads it: the first two cores that this process may
 * use. A single core is shared by both, and the figures are then of little value.
 */
export const cores = Object.freeze(chooseCores(allowedList()))

/**
 * @param {string} list as the system writes it: `0-3,7`
 * @returns {{ proxy: number, load: number }}
 */
export function chooseCores(list) {
  const allowed = list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
  const [proxy = 0, load = proxy] = allowed
  return { proxy, load }
}

function allowedList() {
  try {
    return /^Cpus_allowed_list:\s+(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
  } catch {
    return '0'
  }
}
