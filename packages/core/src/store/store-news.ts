import type { KeyPoolError } from '../errors.js'

/** What a store tells those who watch it. Once may stand for several of the same kind. */
export type StoreNews =
  | {
      readonly type: 'changed'
      /** Keys or balances were put or removed. */
      readonly keys: boolean
      /** Records were put or removed. */
      readonly records: boolean
    }
  /** It cannot be read at present, or its file was deleted or replaced. Told again when the reason changes. */
  | { readonly type: 'fault'; readonly error: KeyPoolError }
  /** The fault is over. */
  | { readonly type: 'healed' }

export type StoreListener = (news: StoreNews) => void
