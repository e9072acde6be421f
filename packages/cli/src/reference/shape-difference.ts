/**
 * Where two values differ in shape: names of an object, kinds of values. Null stands for any value, and lists are compared
 * by their first entries. Returns the first difference, or null.
 */
export function shapeDifference(
  example: unknown,
  real: unknown,
  maps: readonly string[] = [],
  path = '',
): string | null {
  if (example === null || real === null) return null
  if (kindOf(example) !== kindOf(real))
    return `${path}: ${kindOf(example)} in the example, ${kindOf(real)} in truth`
  if (Array.isArray(example) && Array.isArray(real)) {
    return example.length === 0 || real.length === 0 ? null : shapeDifference(example[0], real[0], maps, path)
  }
  if (typeof example !== 'object' || typeof real !== 'object' || maps.includes(path)) return null
  const [shown, found] = [Object.keys(example), Object.keys(real)]
  const missing = [...shown, ...found].find((name) => !shown.includes(name) || !found.includes(name))
  if (missing !== undefined)
    return `${path}: ${missing} is in ${shown.includes(missing) ? 'the example' : 'truth'} only`
  for (const name of shown) {
    const inside = path === '' ? name : `${path}.${name}`
    const difference = shapeDifference(Reflect.get(example, name), Reflect.get(real, name), maps, inside)
    if (difference !== null) return difference
  }
  return null
}

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'list' : typeof value)
