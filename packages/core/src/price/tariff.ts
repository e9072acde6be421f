import { divided, type Money, oneUnit, parseMoney } from '../money/decimal.js'
import type { Consumption } from './consumption.js'
import type { ModelPrice, PriceLine, PriceList } from './price-list.js'

/** The price of one model, ready to be used; amounts per what `PriceLine` says. */
export interface Tariff {
  /** Whatever is consumed costs nothing. */
  readonly isFree: boolean
  /** What was consumed at an instant costs this much; or the kind of thing that has no price here. */
  cost(consumption: Consumption, at: number): Money | string
}

/** Reads a price once. `list` says which clock it goes by and what batches cost. */
export function tariffOf(price: ModelPrice, list: Pick<PriceList, 'zone' | 'batchFactor'>): Tariff {
  if (price === 'free') return { isFree: true, cost: () => 0n }
  const offsetMs = offsetOf(list.zone ?? '+00:00')
  const batchFactor = parseMoney(list.batchFactor ?? '1')
  const given = Array.isArray(price) ? (price as readonly PriceLine[]) : [price as PriceLine]
  const lines = given.map((line) => ({ holds: conditionOf(line, offsetMs), ...ratesOf(partsOf(line)) }))
  return {
    isFree: false,
    cost(consumption, at) {
      const line = lines.find(({ holds }) => holds(consumption, at))
      if (line === undefined) return 'a call of that size at that time'
      const isBatch = consumption.isBatch === true
      if (!isBatch && line.step !== null) {
        const steps = stepsOf(line.parts, consumption)
        if (typeof steps === 'string') return steps
        if (steps <= Number.MAX_SAFE_INTEGER) return BigInt(steps) * line.step
      }
      return sumOf(line.parts, consumption, isBatch ? batchFactor : oneUnit)
    },
  }
}

/** One kind of thing that is paid for. */
interface Part {
  readonly name: string
  /** How many, in whole numbers. */
  count(consumption: Consumption): number
  /** The price of one, times the common divisor; null when it has none. */
  readonly rate: bigint | null
  /** The price of one in steps of the line's; null when it has none. */
  readonly steps: number | null
}

/**
 * The amount that the rates of a line are all whole multiples of, in trillionths; null where it is less than one. With
 * it a call's cost is a sum of small whole numbers, which takes a third of the time.
 */
function ratesOf(parts: readonly Part[]): { readonly parts: readonly Part[]; readonly step: Money | null } {
  const common = parts.reduce((found, { rate }) => commonFactor(found, rate ?? 0n), 0n)
  if (common === 0n || common % commonDivisor !== 0n) return { parts, step: null }
  return {
    parts: parts.map((part) => ({ ...part, steps: part.rate === null ? null : Number(part.rate / common) })),
    step: common / commonDivisor,
  }
}

const commonFactor = (one: bigint, other: bigint): bigint =>
  other === 0n ? one : commonFactor(other, one % other)

const million = 1_000_000n
/** Divides evenly by all that prices are for: a million tokens, a thousand bytes, a minute in milliseconds. */
const commonDivisor = 3_000_000n
const wholeDivisor = commonDivisor * oneUnit

/** Exact as long as the sum is a safe integer. */
function stepsOf(parts: readonly Part[], consumption: Consumption): number | string {
  let sum = 0
  for (const { name, count, steps } of parts) {
    const used = count(consumption)
    if (used === 0) continue
    if (steps === null) return name
    sum += used * steps
  }
  return sum
}

/** Summed up before it is divided, so that nothing is rounded away piece by piece. */
function sumOf(parts: readonly Part[], consumption: Consumption, factor: Money): Money | string {
  let sum = 0n
  for (const { name, count, rate } of parts) {
    const used = count(consumption)
    if (used === 0) continue
    if (rate === null) return name
    sum += BigInt(used) * rate
  }
  return factor === oneUnit ? divided(sum, commonDivisor) : divided(sum * factor, wholeDivisor)
}

function partsOf(line: PriceLine): Part[] {
  const { input, cachedInput = input, output, reasoning = output } = line
  const sound = line.audioSecond ?? line.audioMinute
  return [
    part('input tokens', input, million, (used) => whole(used.promptTokens) - cachedIn(used)),
    part('cached input tokens', cachedInput, million, cachedIn),
    part('output tokens', output, million, (used) => whole(used.completionTokens) - reasoningIn(used)),
    part('reasoning tokens', reasoning, million, reasoningIn),
    part('pictures', line.image, 1n, (used) => whole(used.images)),
    part('films', line.video, 1n, (used) => whole(used.videos)),
    part('spoken text', line.speech, 1_000n, (used) => whole(used.speechBytes)),
    part('sound', sound, line.audioSecond === undefined ? 60_000n : 1_000n, (used) =>
      whole((used.audioSeconds ?? 0) * 1_000),
    ),
  ]
}

const part = (name: string, price: string | undefined, per: bigint, count: Part['count']): Part => ({
  name,
  rate: price === undefined ? null : parseMoney(price) * (commonDivisor / per),
  steps: null,
  count,
})

const cachedIn = ({ cachedTokens, promptTokens }: Consumption): number =>
  Math.min(whole(cachedTokens), whole(promptTokens))

const reasoningIn = ({ reasoningTokens, completionTokens }: Consumption): number =>
  Math.min(whole(reasoningTokens), whole(completionTokens))

/** More than any call uses; a figure beyond it is a fault of the upstream's, and must not make millions owed. */
const mostUsed = 1_000_000_000

const whole = (count = 0): number => (count > 0 ? Math.round(Math.min(count, mostUsed)) : 0)

const dayMs = 86_400_000

function conditionOf({ aboveInputTokens = -1, hours }: PriceLine, offsetMs: number) {
  const [from, to] = (hours ?? ['00:00', '24:00']).map(timeOf) as [number, number]
  const isOver = to <= from
  return ({ promptTokens = 0 }: Consumption, at: number): boolean => {
    if (promptTokens <= aboveInputTokens) return false
    const time = (((at + offsetMs) % dayMs) + dayMs) % dayMs
    return isOver ? time >= from || time < to : time >= from && time < to
  }
}

const timeOf = (time: string): number => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return (hours * 60 + minutes) * 60_000
}

const offsetOf = (zone: string): number => (zone[0] === '-' ? -1 : 1) * timeOf(zone.slice(1))
