import type { KeyPool } from '@sfpool/core'

/** Says that the store fails, once a minute while it does, and that it works again. */
export function sayStoreFaults(pool: KeyPool, say: (text: string) => void): void {
  pool.on('store-error', ({ error }) => say(`store: ${error.message}`))
  pool.on('store-recovered', () =>
    say('store: it works again, and what could not be stored meanwhile is stored'),
  )
}
