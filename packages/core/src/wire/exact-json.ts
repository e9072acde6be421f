/** Finds strings and numbers, the only parts of a JSON text that may hold digits. */
const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/**
 * Parses JSON with every number as a decimal string of its own digits: `12.10` stays `"12.10"`, and no amount of money
 * goes through a float. Undefined for a text that is not JSON.
 */
export function parseExactJson(text: string): unknown {
  try {
    JSON.parse(text)
    return JSON.parse(
      text.replace(stringOrNumber, (found) => (found.startsWith('"') ? found : `"${plainDecimal(found)}"`)),
    )
  } catch {
    return undefined
  }
}

/** The decimal string at a path such as `data.totalBalance` or `balance_infos[0].total_balance`; undefined for none. */
export function decimalAt(value: unknown, path: string): string | undefined {
  const found = textAt(value, path)?.trim()
  return found !== undefined && decimal.test(found) ? found : undefined
}

/** The text, or the digits of the number, at a path. */
export function textAt(value: unknown, path: string): string | undefined {
  let at: unknown = value
  for (const name of path.split(/[.[\]]+/)) {
    if (name === '') continue
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined
    at = Reflect.get(at, name)
  }
  return typeof at === 'string' ? at : undefined
}

/** `one` less `other`, exact to as many places as the more precise of the two has. */
export function difference(one: string, other: string): string {
  const places = Math.max(placesOf(one), placesOf(other))
  return pointed(scaled(one, places) - scaled(other, places), places)
}

/** An exact hundredth of an amount, for providers that count in cents. */
export function hundredth(amount: string): string {
  const places = placesOf(amount)
  return pointed(scaled(amount, places), places + 2)
}

const decimal = /^-?\d{1,30}(\.\d{1,30})?$/
/** The most zeros that an exponent may add: no amount of money needs more, and a hostile one would fill the memory. */
const largestExponent = 30

/** Writes a JSON number without its exponent; an exponent that no amount of money has stays. */
function plainDecimal(number: string): string {
  const [, sign = '', whole = '', fraction = '', exponent] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? []
  if (exponent === undefined) return number
  const shift = Number(exponent)
  if (Math.abs(shift) > largestExponent) return number
  const places = fraction.length - shift
  const digits = `${whole}${fraction}`
  return pointed(BigInt(`${sign}${digits}${'0'.repeat(Math.max(0, -places))}`), Math.max(0, places))
}

const placesOf = (amount: string): number => amount.split('.')[1]?.length ?? 0

const scaled = (amount: string, places: number): bigint =>
  BigInt(amount.replace('.', '') + '0'.repeat(places - placesOf(amount)))

function pointed(amount: bigint, places: number): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(places + 1, '0')
  const sign = amount < 0n ? '-' : ''
  if (places === 0) return `${sign}${digits}`
  return `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`
}
