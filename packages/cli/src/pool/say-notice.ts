import type { StoreNotice } from '@sfpool/core/sqlite'
import { count } from '../render/count.js'

/** Puts into words what a store tells beside its work. */
export function sayNotice(say: (text: string) => void = () => {}): (notice: StoreNotice) => void {
  return (notice) => say(wordsOf(notice))
}

function wordsOf(notice: StoreNotice): string {
  switch (notice.type) {
    case 'secret-made':
      return (
        `made ${notice.path}: it seals the keys of this store. Keep a copy of it apart from the store; ` +
        'without it the keys cannot be read'
      )
    case 'keys-sealed':
      return `${count(notice.count, 'key')} that an earlier version had stored in clear: sealed now`
    case 'clean-up-postponed':
      return (
        `old content of the store could not be removed yet: ${notice.reason}; ` +
        'the next command that writes to the store tries again'
      )
  }
}
