/** The seven meters of the platform: requests, tokens and images per minute, hour and day. */
export type MeterName = 'rpm' | 'rph' | 'rpd' | 'tpm' | 'tpd' | 'ipm' | 'ipd'

/** The limits of one account for one model. A missing meter has no limit. */
export type Limits = Readonly<Partial<Record<MeterName, number>>>

export type MeteredUnit = 'requests' | 'tokens' | 'images'

const minuteMs = 60_000

export const meterFacts: Readonly<Record<MeterName, { unit: MeteredUnit; lengthMs: number }>> = {
  rpm: { unit: 'requests', lengthMs: minuteMs },
  rph: { unit: 'requests', lengthMs: 60 * minuteMs },
  rpd: { unit: 'requests', lengthMs: 1440 * minuteMs },
  tpm: { unit: 'tokens', lengthMs: minuteMs },
  tpd: { unit: 'tokens', lengthMs: 1440 * minuteMs },
  ipm: { unit: 'images', lengthMs: minuteMs },
  ipd: { unit: 'images', lengthMs: 1440 * minuteMs },
}

export const meterNames: readonly MeterName[] = ['rpm', 'rph', 'rpd', 'tpm', 'tpd', 'ipm', 'ipd']

const scalingMeters: ReadonlySet<MeterName> = new Set(['rpm', 'tpm'])
const levelFactors = [1, 2, 3, 5, 8, 10]

/** Scales limits by level. The published ranges grow tenfold from the first to the last level; the steps are our guess. */
export function scaleLimits(limits: Limits, level: number): Limits {
  const factor = levelFactors[level] ?? 1
  if (factor === 1) return limits
  const entries = Object.entries(limits) as [MeterName, number][]
  return Object.fromEntries(
    entries.map(([name, limit]) => [name, scalingMeters.has(name) ? limit * factor : limit]),
  )
}
