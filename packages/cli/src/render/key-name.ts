import type { KeyView } from '@sfpool/core'
import { oneLine } from './scrub.js'

/** How a line calls a key: its mask, and its label where it has one. */
export function keyName({ key, label }: Pick<KeyView, 'key' | 'label'>): string {
  return label === null ? key : `${key}  ${oneLine(label)}`
}
