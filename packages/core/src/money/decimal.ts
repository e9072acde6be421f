/**
 * An exact amount of money: whole trillionths (1e-12) of a currency's unit, so that one token of a price of
 * 0.000001 a million still counts. No amount of money is ever a floating-point number.
 */
export type Money = bigint

const places = 12
/** One yuan, or dollar. */
export const oneUnit: Money = 10n ** BigInt(places)
const oneUnitRoughly = Number(oneUnit)

const decimal = /^([+-]?)(\d{1,30})(?:\.(\d{1,30}))?$/

/** Whether a text is a plain decimal, as in `12.50` or `-0.01`: no exponent, no thousands, a digit on both sides. */
export function isDecimal(text: string): boolean {
  return decimal.test(text)
}

/**
 * Reads a plain decimal. Digits behind the twelfth place are rounded down, so that never more is read than there is.
 * Throws a `RangeError` for any other text.
 */
export function parseMoney(text: string): Money {
  const [, sign, whole = '', fraction = ''] = decimal.exec(text) ?? []
  if (sign === undefined)
    throw new RangeError(`an amount must be a decimal as in "12.50"; received "${text}"`)
  const amount = BigInt(whole) * oneUnit + BigInt(fraction.slice(0, places).padEnd(places, '0'))
  if (sign !== '-') return amount
  return /[1-9]/.test(fraction.slice(places)) ? -amount - 1n : -amount
}

/** The exact decimal, with two places at least. */
export function formatMoney(amount: Money): string {
  const absolute = amount < 0n ? -amount : amount
  const fraction = (absolute % oneUnit).toString().padStart(places, '0').replace(/0+$/, '').padEnd(2, '0')
  return `${amount < 0n ? '-' : ''}${absolute / oneUnit}.${fraction}`
}

/** As a number, for comparisons that may be rough: strategies, charts. */
export function roughly(amount: Money): number {
  return Number(amount) / oneUnitRoughly
}

/** A quotient rounded to the nearest, halves away from zero. `divisor` is above 0. */
export function divided(amount: Money, divisor: bigint): Money {
  const half = divisor / 2n
  return (amount < 0n ? amount - half : amount + half) / divisor
}

/** The exact sum of decimal strings, with as many places as the most precise of them. */
export function sumDecimals(amounts: readonly string[]): string {
  const places = Math.max(0, ...amounts.map(placesOf))
  const sum = amounts.reduce((total, amount) => total + scaled(amount, places), 0n)
  const digits = (sum < 0n ? -sum : sum).toString().padStart(places + 1, '0')
  const whole = digits.slice(0, digits.length - places)
  const sign = sum < 0n ? '-' : ''
  return places === 0 ? `${sign}${whole}` : `${sign}${whole}.${digits.slice(-places)}`
}

const placesOf = (amount: string): number => amount.split('.')[1]?.length ?? 0

const scaled = (amount: string, places: number): bigint =>
  BigInt(amount.replace('.', '') + '0'.repeat(places - placesOf(amount)))
