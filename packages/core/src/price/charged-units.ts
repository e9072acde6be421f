import { parseMoney } from '../money/decimal.js'
import { wholeCount } from '../usage/whole-count.js'
import type { Consumption } from './consumption.js'
import type { PriceLine } from './price-list.js'

/** One kind of thing that a price line charges for. */
export interface ChargedUnit {
  readonly name: string
  /** How many of it a call used, as a whole number. */
  count(consumption: Consumption): number
  /** The price of one, times the common divisor; null when the line gives no price. */
  readonly rate: bigint | null
}

/** Divisible by every quantity that prices are for: a million tokens, a thousand bytes, a minute in milliseconds. */
export const commonDivisor = 3_000_000n

const million = 1_000_000n

/** Everything a price line may charge for, with its rate. Cached and reasoning tokens fall back to the plain price. */
export function chargedUnits(line: PriceLine): ChargedUnit[] {
  const { input, cachedInput = input, output, reasoning = output } = line
  const audio = line.audioSecond ?? line.audioMinute
  return [
    unit('input tokens', input, million, (used) => wholeCount(used.promptTokens) - cachedIn(used)),
    unit('cached input tokens', cachedInput, million, cachedIn),
    unit('output tokens', output, million, (used) => wholeCount(used.completionTokens) - reasoningIn(used)),
    unit('reasoning tokens', reasoning, million, reasoningIn),
    unit('images', line.image, 1n, (used) => wholeCount(used.images)),
    unit('videos', line.video, 1n, (used) => wholeCount(used.videos)),
    unit('spoken text', line.speech, 1_000n, (used) => wholeCount(used.speechBytes)),
    unit('audio', audio, line.audioSecond === undefined ? 60_000n : 1_000n, (used) =>
      wholeCount((used.audioSeconds ?? 0) * 1_000),
    ),
  ]
}

const unit = (
  name: string,
  price: string | undefined,
  per: bigint,
  count: ChargedUnit['count'],
): ChargedUnit => ({
  name,
  rate: price === undefined ? null : parseMoney(price) * (commonDivisor / per),
  count,
})

const cachedIn = ({ cachedTokens, promptTokens }: Consumption): number =>
  Math.min(wholeCount(cachedTokens), wholeCount(promptTokens))

const reasoningIn = ({ reasoningTokens, completionTokens }: Consumption): number =>
  Math.min(wholeCount(reasoningTokens), wholeCount(completionTokens))
