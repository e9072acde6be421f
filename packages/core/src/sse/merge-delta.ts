import { isRecord, type JsonObject } from '../wire/json.js'

/** Texts that are sent whole, so that a later one replaces an earlier one. */
const wholeTexts: ReadonlySet<string> = new Set([
  'format',
  'id',
  'mime_type',
  'model',
  'name',
  'object',
  'role',
  'status',
  'title',
  'type',
  'url',
])

/**
 * Merges the next piece of a streamed object into the whole, as all clients do: texts grow, a list item extends the
 * item with its `index`, and any other value replaces the earlier one. Null and empty names change nothing.
 */
export function mergeDelta(whole: JsonObject, delta: JsonObject): void {
  for (const [name, next] of Object.entries(delta)) {
    const before = Object.hasOwn(whole, name) ? whole[name] : undefined
    const merged = mergeValue(name, before, next)
    // Assignment would not make an own member of a name such as `__proto__`.
    Object.defineProperty(whole, name, {
      value: merged,
      writable: true,
      enumerable: true,
      configurable: true,
    })
  }
}

function mergeValue(name: string, before: unknown, next: unknown): unknown {
  if (next === null || next === undefined) return before ?? null
  if (typeof next === 'string') return mergeText(name, before, next)
  if (Array.isArray(next)) return mergeList(Array.isArray(before) ? before : [], next)
  if (!isRecord(next)) return next
  const whole = isRecord(before) ? before : {}
  mergeDelta(whole, next)
  return whole
}

function mergeText(name: string, before: unknown, next: string): string {
  if (typeof before !== 'string') return next
  if (wholeTexts.has(name)) return next === '' ? before : next
  return before + next
}

function mergeList(whole: unknown[], next: readonly unknown[]): unknown[] {
  for (const item of next) {
    const known = isRecord(item) ? itemAt(whole, item.index) : undefined
    if (known !== undefined) {
      mergeDelta(known, item as JsonObject)
      continue
    }
    const added = isRecord(item) ? mergeValue('', undefined, item) : item
    whole.push(added)
    if (isRecord(added)) placesOf.get(whole)?.set(added.index, added)
  }
  return whole
}

/** The length up to which a list is searched; a longer one has its places written down. */
const shortLength = 16

/** The items of long lists by their index: an upstream may send a hundred thousand. */
const placesOf = new WeakMap<readonly unknown[], Map<unknown, JsonObject>>()

function itemAt(list: readonly unknown[], index: unknown): JsonObject | undefined {
  if (typeof index !== 'number') return undefined
  if (list.length <= shortLength)
    return list.find((item): item is JsonObject => isRecord(item) && item.index === index)
  const places = placesOf.get(list) ?? new Map(list.filter(isRecord).map((item) => [item.index, item]))
  placesOf.set(list, places)
  return places.get(index)
}
