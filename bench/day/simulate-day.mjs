// @ts-check
import { arrivals } from './arrivals.mjs'
import { VirtualTime } from './virtual-time.mjs'
import { accounts, models, Platform } from './world.mjs'

/**
 * @typedef {object} DayFigures
 * @property {number} asked clients
 * @property {number} served clients
 * @property {number} calls made to the platform
 * @property {number} refusals calls answered with 429
 * @property {number} fairness Jain's index over the accounts' served requests per level, the mean of all models; 1 is even
 * @property {number} waitP50Ms of served clients
 * @property {number} waitP99Ms
 * @property {Readonly<Record<string, number>>} servedOf by model
 *
 * @typedef {(context: import('./drivers.mjs').DriverContext) => import('./drivers.mjs').Driver} MakeDriver
 */

/** Midnight in Beijing. */
const startAt = Date.UTC(2026, 7, 31, 16)

/**
 * Runs a day of requests against the platform's limits.
 * @param {MakeDriver} makeDriver
 * @param {{ seed: number, hours: number, window: import('@sfpool/simulator').WindowKind, metering: 'after' | 'reserve' }} options
 * @returns {Promise<DayFigures>}
 */
export async function simulateDay(makeDriver, { seed, hours, ...rules }) {
  const time = new VirtualTime({ startAt, seed: seed + 1 })
  const platform = new Platform(rules)
  const waits = new Map()
  let asked = 0
  let served = 0
  const driver = makeDriver({
    time,
    platform,
    served: (waitedMs) => {
      served++
      waits.set(waitedMs, (waits.get(waitedMs) ?? 0) + 1)
    },
    lost: () => {},
  })
  const coming = arrivals({ seed, startAt, hours })
  for (let minute = 1; minute <= hours * 60; minute++) {
    const end = startAt + minute * 60_000
    for (let next = coming.next(); next.done !== true; next = coming.next()) {
      const { at, model } = next.value
      asked++
      time.at(at, () => driver.ask(model))
      if (at >= end) break
    }
    await time.runUntil(end)
  }
  await driver.close()
  const { calls, refusals } = platform
  return {
    asked,
    served,
    calls,
    refusals,
    fairness: fairnessOf(platform),
    waitP50Ms: quantile(waits, 0.5),
    waitP99Ms: quantile(waits, 0.99),
    servedOf: servedByModel(platform),
  }
}

/** @param {Platform} platform */
function servedByModel({ served }) {
  return Object.fromEntries(
    models.map(({ name }) => [
      name,
      accounts.reduce((sum, { id }) => sum + (served.get(`${id} ${name}`) ?? 0), 0),
    ]),
  )
}

/** @param {Platform} platform */
function fairnessOf({ served }) {
  const indexes = models.map(({ name }) => {
    const shares = accounts.map(({ id, level }) => (served.get(`${id} ${name}`) ?? 0) / level)
    const sum = shares.reduce((total, share) => total + share, 0)
    const squares = shares.reduce((total, share) => total + share * share, 0)
    return (sum * sum) / (shares.length * squares)
  })
  return indexes.reduce((total, index) => total + index, 0) / indexes.length
}

/** @param {ReadonlyMap<number, number>} counts @param {number} share */
function quantile(counts, share) {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  let passed = 0
  for (const [value, count] of [...counts].sort(([one], [other]) => one - other)) {
    passed += count
    if (passed >= share * total) return value
  }
  return Number.NaN
}
