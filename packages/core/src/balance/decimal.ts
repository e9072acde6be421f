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
