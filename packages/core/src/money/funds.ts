/**
 * The money that an account has been found to lack:
 * - `charged`: recharged money; vouchers still pay for models that take them.
 * - `any`: all money; models that cost nothing may still be served.
 * - `all`: it is refused even where nothing is to pay.
 */
export type LackingFunds = 'charged' | 'any' | 'all'

/** What a model asks of an account's money. `nothing`: it is free. */
export type NeededFunds = 'nothing' | 'any' | 'charged'

/** Whether lacking that kind of money keeps an account from models of that kind. */
export function blocks(funds: LackingFunds, needs: NeededFunds): boolean {
  if (funds === 'all') return true
  return funds === 'any' ? needs !== 'nothing' : needs === 'charged'
}

/** The kind of money that a model needs. A model that is unknown is taken to need money of any kind. */
export function neededFunds(
  facts: { readonly free?: boolean; readonly chargedOnly?: boolean } | undefined,
): NeededFunds {
  if (facts?.free === true) return 'nothing'
  return facts?.chargedOnly === true ? 'charged' : 'any'
}
