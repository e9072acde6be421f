/** What a store tells beside its work. */
export type StoreNotice =
  /** A secret was made for a store that had none, in this file. Without it the keys are lost. */
  | { readonly type: 'secret-made'; readonly path: string }
  /** Keys that an earlier version stored in clear are sealed now. */
  | { readonly type: 'keys-sealed'; readonly count: number }
  /** Old content of the file could not be removed yet; the next opening tries again. */
  | { readonly type: 'clean-up-postponed'; readonly reason: string }
