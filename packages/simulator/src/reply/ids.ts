import type { Runtime } from '../runtime.js'

const hexDigits = 16

/** Makes random lower-case hexadecimal digits, such as those of a trace id. */
export function hexId(random: () => number, length = 32): string {
  let id = ''
  while (id.length < length)
    id += Math.floor(random() * 0x1_0000_0000)
      .toString(hexDigits)
      .padStart(8, '0')
  return id.slice(0, length)
}

/** Makes the id of a completion: 32 digits that begin with the time, as a UUID of version 7 does. */
export function timedId({ now, random }: Pick<Runtime, 'now' | 'random'>): string {
  const time = Math.floor(now()).toString(hexDigits).padStart(12, '0')
  return `${time}7${hexId(random, 19)}`
}

/** Makes random lower-case letters and digits, such as those of a file id. */
export function wordId(random: () => number, length: number): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'
  let id = ''
  while (id.length < length) id += alphabet[Math.floor(random() * alphabet.length)] ?? 'a'
  return id
}
