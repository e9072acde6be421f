import type { KeyView } from '@sfpool/core'
import { oneLine } from './scrub.js'

/** Returns the masked key, followed by its label if it has one. */
export function keyName({ key, label }: Pick<KeyView, 'key' | 'label'>): string {
  return label === null ? key : `${key}  ${oneLine(label)}`
}
