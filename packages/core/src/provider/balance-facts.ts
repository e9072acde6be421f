/** What a provider's balance endpoint says, as exact decimal strings. */
export interface BalanceReading {
  readonly amount: string
  readonly currency: string
  /** The part that was paid in, where the provider lists it. */
  readonly charged?: string
  /** The part that was given: gifts, grants, vouchers. */
  readonly gift?: string
  /** The provider's id of the account, where it gives one: keys with the same id belong to one account. */
  readonly account?: string
}

/** How to read the balance of an account at a provider. */
export interface BalanceFacts {
  /** The free requests to make, below the base URL. `day` gives the date so many days from today, `YYYY-MM-DD`. */
  paths(day: (fromToday: number) => string): readonly string[]
  /** Reads their answers, in the order of `paths`. Undefined when they do not hold an amount. */
  read(bodies: readonly string[], site: string): BalanceReading | undefined
  /** The account may have money that does not show, such as vouchers, so an amount of zero is no proof. */
  readonly isPartial?: boolean
}

/** Where a balance endpoint's JSON holds what: paths such as `data.totalBalance` or `balance_infos[0].total_balance`. */
export interface BalanceFields {
  /** Below the base URL, as in `/user/info`. */
  readonly path: string
  /** What is left: a decimal string, or a number, whose digits are kept as they are. */
  readonly amount: string
  /** What has been spent, for endpoints that give this and what was paid in: it is subtracted from the amount. */
  readonly spent?: string
  /** The currency's three letters. @default that of the provider */
  readonly currency?: string
  readonly charged?: string
  readonly gift?: string
  /** The provider's id of the account. */
  readonly account?: string
}
