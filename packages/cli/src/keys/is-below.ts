/** Whether a decimal amount is below another. The comparison is exact. */
export function isBelow(amount: string, least: string): boolean {
  const places = Math.max(placesOf(amount), placesOf(least))
  return scaled(amount, places) < scaled(least, places)
}

const placesOf = (amount: string): number => amount.split('.')[1]?.length ?? 0

const scaled = (amount: string, places: number): bigint =>
  BigInt(amount.replace('.', '') + '0'.repeat(places - placesOf(amount)))
