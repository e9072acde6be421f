import type { Runtime } from '@sfpool/core'

const safeId = /^[\w.:-]{1,128}$/

/**
 * Makes the function that gives every request its id: the client's own id if it is safe to log and to send back, else a
 * new one. A random prefix per process and a counter keep ids apart across processes, without cryptography per request.
 */
export function requestIds({
  now,
  random,
}: Pick<Runtime, 'now' | 'random'>): (given: string | undefined) => string {
  const prefix = `${now().toString(36)}${Math.floor(random() * 2 ** 48)
    .toString(36)
    .padStart(10, '0')}`
  let count = 0
  return (given) => {
    if (given !== undefined && safeId.test(given)) return given
    count++
    return `${prefix}-${count.toString(36)}`
  }
}
