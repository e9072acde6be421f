/** A JSON string, or a number: what of a JSON text may hold digits. */
const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/**
 * The JSON value with every number as a decimal string of its own digits: `12.10` stays `"12.10"`, and no amount of
 * money goes through a float. Undefined for what is no JSON.
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

/** The decimal string at a path such as `data.totalBalance` or `balance_infos[0].total_balance`; else undefined. */
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

/** `one` less `other`, exactly, with as many places as the more precise of them. */
export function difference(one: string, other: string): string {
  const places = Math.max(placesOf(one), placesOf(other))
  return pointed(scaled(one, places) - scaled(other, places), places)
}

/** A hundredth, exactly: providers that count in cents. */
export function hundredth(amount: string): string {
  const places = placesOf(amount)
  return pointed(scaled(amount, places), places + 2)
}

const decimal = /^-?\d{1,30}(\.\d{1,30})?$/
/** Zeros that an exponent may add; beyond it, no amount of money is meant. */
const largestExponent = 30

/** A JSON number without an exponent. One with an exponent that no money has stays as it is. */
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
