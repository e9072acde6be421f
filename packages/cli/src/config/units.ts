/** Milliseconds of each unit of a duration, from the largest, which is also the order in which they are written. */
const durationUnits = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const

/** Bytes of each unit of a size. */
const sizeUnits = { gb: 1024 ** 3, mb: 1024 ** 2, kb: 1024, b: 1 } as const

const plain = /^\d{1,15}$/
const durationForm = /^(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?(?:(\d{1,15})ms)?$/i
const sizeForm = /^(\d{1,15})(gb|mb|kb|b)$/i

/**
 * Reads `10s`, `5m`, `1h30m`, `7d` or plain milliseconds; undefined for anything else. Stricter than the packages for it,
 * which read `10 apples` as 10, or know no `1h30m`.
 */
export function readDuration(text: string): number | undefined {
  const written = text.trim()
  if (plain.test(written)) return Number(written)
  const found = written === '' ? null : durationForm.exec(written)
  if (found === null) return undefined
  return Object.values(durationUnits).reduce((sum, unit, at) => sum + Number(found[at + 1] ?? 0) * unit, 0)
}

/** Reads `16mb`, `512kb`, `1gb` or plain bytes; undefined for anything else. */
export function readSize(text: string): number | undefined {
  const written = text.trim()
  if (plain.test(written)) return Number(written)
  const [, count, unit] = sizeForm.exec(written) ?? []
  if (count === undefined || unit === undefined) return undefined
  return Number(count) * sizeUnits[unit.toLowerCase() as keyof typeof sizeUnits]
}

/** Writes milliseconds the shortest way that `readDuration` reads: 90_000 -> `1m30s`. */
export function shortDuration(ms: number): string {
  if (ms === 0) return '0'
  let rest = ms
  let text = ''
  for (const [unit, size] of Object.entries(durationUnits)) {
    const count = Math.floor(rest / size)
    if (count > 0) text += `${count}${unit}`
    rest -= count * size
  }
  return text
}

/**
 * Reads the durations inside of a structure, such as `{ maxWaitMs: '10s' }`: text below the names that hold one. What is no
 * duration stays, for whoever checks the structure.
 */
export function withDurations(value: unknown, isDuration: (name: string) => boolean, name = ''): unknown {
  if (typeof value === 'string') return isDuration(name) ? (readDuration(value) ?? value) : value
  if (Array.isArray(value)) return value.map((each) => withDurations(each, isDuration, name))
  if (typeof value !== 'object' || value === null) return value
  const read = Object.entries(value).map(([key, each]) => [key, withDurations(each, isDuration, key)])
  return Object.fromEntries(read)
}
