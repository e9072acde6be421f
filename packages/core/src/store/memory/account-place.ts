/** What tells an account from all others. */
export interface AccountName {
  readonly upstream: string
  readonly id: string
}

/** Where the account stands in a map. */
export const accountPlace = ({ upstream, id }: AccountName): string => `${upstream.length} ${upstream}${id}`
