import { type Money, parseMoney } from '../account/money.js'
import type { PriceLine } from './model.js'

/** The usage of a call, as the ledger, the bill and the reply show it. */
export interface Usage {
  inputTokens: number
  cachedTokens: number
  outputTokens: number
  images: number
  videos: number
  /** UTF-8 bytes of text to speak. */
  bytes: number
}

export const noUsage: Readonly<Usage> = Object.freeze({
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  images: 0,
  videos: 0,
  bytes: 0,
})

/** Calculates the price of a call from its usage and the instant of its admission. */
export type Pricing = (usage: Usage, now: number) => Money

const million = 1_000_000n
const beijingOffsetMs = 8 * 3_600_000
const hourMs = 3_600_000

/** Compiles a price list. An empty list means free. */
export function compilePricing(lines: readonly PriceLine[]): Pricing {
  const compiled = lines.map(compileLine)
  return (usage, now) => {
    const line = compiled.find(({ holds }) => holds(usage, now))
    return line === undefined ? 0n : line.cost(usage)
  }
}

/** Whether every line is free. */
export function isFree(lines: readonly PriceLine[]): boolean {
  return lines.every(({ input, cachedInput, output, perImage, perVideo, perKilobyte }) =>
    [input, cachedInput, output, perImage, perVideo, perKilobyte].every(
      (amount) => amount === undefined || parseMoney(amount) === 0n,
    ),
  )
}

function compileLine(line: PriceLine): {
  holds: (usage: Usage, now: number) => boolean
  cost: (usage: Usage) => Money
} {
  const input = parseMoney(line.input ?? '0')
  const cached = line.cachedInput === undefined ? input : parseMoney(line.cachedInput)
  const output = parseMoney(line.output ?? '0')
  const image = parseMoney(line.perImage ?? '0')
  const video = parseMoney(line.perVideo ?? '0')
  const kilobyte = parseMoney(line.perKilobyte ?? '0')
  const { aboveInputTokens = -1, hours } = line
  return {
    holds: (usage, now) =>
      usage.inputTokens > aboveInputTokens && (hours === undefined || isWithin(hours, now)),
    // Sums first and divides last, so that rounding does not add up.
    cost: (usage) => {
      const tokens =
        BigInt(usage.inputTokens - usage.cachedTokens) * input +
        BigInt(usage.cachedTokens) * cached +
        BigInt(usage.outputTokens) * output
      return (
        tokens / million +
        BigInt(usage.images) * image +
        BigInt(usage.videos) * video +
        (BigInt(usage.bytes) * kilobyte) / 1000n
      )
    },
  }
}

function isWithin([from, to]: readonly [number, number], now: number): boolean {
  const hour = ((now + beijingOffsetMs) % (24 * hourMs)) / hourMs
  return from <= to ? hour >= from && hour < to : hour >= from || hour < to
}
