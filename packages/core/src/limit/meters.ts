import type { Meter } from '../outcome/meter.js'

/** How much one account may do with one model; a meter that is absent does not limit. */
export type Limits = Readonly<Partial<Record<Meter, number>>>

/** What a meter counts, and over how long. Daily meters follow the provider's calendar day. */
export interface MeterFacts {
  readonly unit: 'requests' | 'tokens' | 'images'
  readonly lengthMs: number
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

export const meterFacts: Readonly<Record<Meter, MeterFacts>> = {
  RPM: { unit: 'requests', lengthMs: minute },
  RPH: { unit: 'requests', lengthMs: hour },
  RPD: { unit: 'requests', lengthMs: day },
  TPM: { unit: 'tokens', lengthMs: minute },
  TPD: { unit: 'tokens', lengthMs: day },
  IPM: { unit: 'images', lengthMs: minute },
  IPD: { unit: 'images', lengthMs: day },
}

export const meters: readonly Meter[] = Object.keys(meterFacts) as Meter[]

/** What a call takes of the meters: itself, the tokens it is expected to use, the images it asks for. */
export interface Demand {
  readonly tokens: number
  readonly images: number
}

/** What the demand takes of a meter of that unit. */
export function amountOf(unit: MeterFacts['unit'], { tokens, images }: Demand): number {
  return unit === 'requests' ? 1 : unit === 'tokens' ? tokens : images
}
