import type { Runtime } from '@sfpool/core'

const sane = /^[\w.:-]{1,128}$/

/**
 * Names requests: the client's own id when it is harmless to log and to send back, else a new one. A random prefix
 * per process and a counter keep ids apart across processes without any cryptography per request.
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
    if (given !== undefined && sane.test(given)) return given
    count++
    return `${prefix}-${count.toString(36)}`
  }
}
