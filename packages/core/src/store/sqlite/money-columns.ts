import { oneUnit } from '../../money/decimal.js'

/*
 * An amount of money takes two columns: whole units, and trillionths of one. Each fits into a number of JSON; the
 * amount in trillionths would not.
 */

/** One unit in trillionths, for SQL. */
export const unit: string = String(oneUnit)

/** Splits an amount into its two columns. Costs are never negative. */
export const splitMoney = (amount: bigint): readonly [whole: number, part: number] => [
  Number(amount / oneUnit),
  Number(amount % oneUnit),
]

export const joinMoney = (whole: number, part: number): bigint => BigInt(whole) * oneUnit + BigInt(part)
