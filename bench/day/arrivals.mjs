// @ts-check

import { seededRandom } from '@sfpool/simulator'
import { accounts, models } from './world.mjs'

const minuteMs = 60_000
/** The requests per minute that all accounts together can serve for a model. */
const perMinute = (/** @type {import('./world.mjs').DayModel} */ { limits, tokens }) => {
  const levels = accounts.reduce((sum, { level }) => sum + level, 0)
  const bound = Math.min(
    limits.rpm ?? Number.POSITIVE_INFINITY,
    (limits.rph ?? Number.POSITIVE_INFINITY) / 60,
    (limits.tpm ?? Number.POSITIVE_INFINITY) / Math.max(tokens, 1),
    limits.ipm ?? Number.POSITIVE_INFINITY,
    (limits.ipd ?? Number.POSITIVE_INFINITY) / 1_440,
  )
  return bound * levels
}

/**
 * Generates the requests of clients. Demand varies over the day from half to one and a half times the capacity of all
 * accounts, with bursts of half a minute at five times the rate, in about one of seven minutes.
 * @param {{ seed: number, startAt: number, hours: number }} options
 * @returns {Generator<{ at: number, model: import('./world.mjs').DayModel }>} in order of time
 */
export function* arrivals({ seed, startAt, hours }) {
  const random = seededRandom(seed)
  const burstUntil = new Map(models.map((model) => [model, 0]))
  for (let second = 0; second < hours * 3600; second++) {
    const at = startAt + second * 1000
    const swell = 1 + 0.5 * Math.sin((second / 3600 / 24) * 2 * Math.PI * 3)
    for (const model of models) {
      if (second % 60 === 0 && random() < 0.15) burstUntil.set(model, at + minuteMs / 2)
      const isBurst = (burstUntil.get(model) ?? 0) > at
      const mean = (perMinute(model) / 60) * swell * (isBurst ? 5 : 0.75)
      for (let count = poisson(mean, random); count > 0; count--) {
        yield { at: at + Math.floor(random() * 10) * 100, model }
      }
    }
  }
}

/** Draws a Poisson number by Knuth's method, for small means. @param {number} mean @param {() => number} random */
function poisson(mean, random) {
  const limit = Math.exp(-mean)
  let count = 0
  for (let product = random(); product > limit; product *= random()) count++
  return count
}
