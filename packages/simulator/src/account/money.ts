/** An exact amount of money in trillionths of a yuan or dollar, so that even one token of a very cheap model counts. */
export type Money = bigint

const fractionDigits = 12
const unit = 10n ** BigInt(fractionDigits)
const pattern = /^(-?)(\d{1,15})(?:\.(\d{1,12}))?$/

/** Whether `text` is a plain decimal with at most 15 digits before the point and 12 after it. */
export function isDecimal(text: string): boolean {
  return pattern.test(text)
}

/** Reads a decimal string such as `"88.00"` or `"-0.01"`. Throws a `RangeError` on anything else. */
export function parseMoney(text: string): Money {
  const match = pattern.exec(text)
  if (match === null)
    throw new RangeError(`money must be a decimal string such as "88.00", received "${text}"`)
  const [, sign, whole = '0', fraction = ''] = match
  const amount = BigInt(whole) * unit + BigInt(fraction.padEnd(fractionDigits, '0'))
  return sign === '-' ? -amount : amount
}

/** Formats the exact decimal, with at least two digits after the point. */
export function formatMoney(amount: Money): string {
  const absolute = amount < 0n ? -amount : amount
  const fraction = (absolute % unit)
    .toString()
    .padStart(fractionDigits, '0')
    .replace(/0+$/, '')
    .padEnd(2, '0')
  return `${amount < 0n ? '-' : ''}${absolute / unit}.${fraction}`
}
