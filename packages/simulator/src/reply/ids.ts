import type { Runtime } from '../runtime.js'

const hexDigits = 16

/** Random lower-case hexadecimal digits, such as the 32 of a completion's id. */
export function hexId(random: () => number, length = 32): string {
  let id = ''
  while (id.length < length)
    id += Math.floor(random() * 0x1_0000_0000)
      .toString(hexDigits)
      .padStart(8, '0')
  return id.slice(0, length)
}

/** 32 digits that begin with the time, as a UUID of version 7 does: the id of a completion. */
export function timedId({ now, random }: Pick<Runtime, 'now' | 'random'>): string {
  const time = Math.floor(now()).toString(hexDigits).padStart(12, '0')
  return `${time}7${hexId(random, 19)}`
}

/** Random lower-case letters and digits, such as those of a file's id. */
export function wordId(random: () => number, length: number): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'
  let id = ''
  while (id.length < length) id += alphabet[Math.floor(random() * alphabet.length)] ?? 'a'
  return id
}
