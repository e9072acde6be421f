// @ts-check
import { informedPoolDriver, oracleDriver, poolDriver, roundRobinDriver } from '../day/drivers.mjs'
import { simulateDay } from '../day/simulate-day.mjs'
import { accounts, models } from '../day/world.mjs'

const windows = /** @type {const} */ (['sliding', 'fixed'])

/** @type {readonly { name: string, make: import('../day/simulate-day.mjs').MakeDriver }[]} */
const contestants = [
  { name: 'sfpool, told nothing', make: (context) => poolDriver(context) },
  { name: 'sfpool, told the limits', make: (context) => informedPoolDriver(context) },
  { name: 'round robin', make: (context) => roundRobinDriver(context, { tries: 3, cooldownMs: 0 }) },
  {
    name: 'round robin, 60 s rest',
    make: (context) => roundRobinDriver(context, { tries: 3, cooldownMs: 60_000 }),
  },
]

/** @type {import('./request-bench.mjs').Bench} */
export const dayBench = {
  name: 'day',
  method: () =>
    `A simulated day against the simulator's own meters: ${accounts.length} accounts of three levels with ${accounts.flatMap(({ keys }) => keys).length} keys,
${models.length} models (${models.map(({ name, limits }) => `${name} ${limitText(limits)}`).join(', ')}; times 1 to 3 by level), which no contestant is
told unless its name says so. Demand swells from half to one and a half times what all accounts can do, with bursts of five times. Clients wait 15 s.
"reachable" is what somebody serves who knows every limit and every counter, on the same day. Platforms whose windows
slide, and platforms whose windows are calendar minutes. Tokens count when a call ends. The clock is virtual.`,
  run: () => measure({ seed: 20_261_121, hours: 24 }),
}

/** @param {import('@sfpool/simulator').Limits} limits */
const limitText = (limits) =>
  Object.entries(limits)
    .map(([meter, limit]) => `${meter.toUpperCase()} ${limit}`)
    .join(' ')

/**
 * @param {{ seed: number, hours: number }} day
 * @returns {Promise<import('./request-bench.mjs').BenchResult>}
 */
async function measure(day) {
  const figures = []
  for (const window of windows) {
    // Who knows everything keeps to the limit; counted at their end, tokens would let it overshoot.
    const reachable = await simulateDay(oracleDriver, { ...day, window, metering: 'reserve' })
    for (const { name, make } of contestants) {
      const startedAt = performance.now()
      const found = await simulateDay(make, { ...day, window, metering: 'after' })
      const seconds = (performance.now() - startedAt) / 1000
      figures.push({
        window,
        name,
        ...found,
        seconds,
        reachable: reachable.served,
        used: found.served / reachable.served,
        refused: found.refusals / found.calls,
      })
    }
  }
  const ours = figures.filter(({ name }) => name === 'sfpool, told nothing')
  return {
    head: [
      'pool',
      'windows',
      'served',
      'of reachable',
      '429s',
      'of calls',
      'fairness',
      'wait p50',
      'p99',
      'took',
    ],
    rows: figures.map((each) => [
      each.name,
      each.window,
      String(each.served),
      `${(each.used * 100).toFixed(1)} %`,
      String(each.refusals),
      `${(each.refused * 100).toFixed(2)} %`,
      each.fairness.toFixed(3),
      `${(each.waitP50Ms / 1000).toFixed(1)} s`,
      `${(each.waitP99Ms / 1000).toFixed(1)} s`,
      `${each.seconds.toFixed(0)} s`,
    ]),
    notes: ours.flatMap(({ window, used, refused }) => [
      promise(`${window}: of what can be reached, at least 95 % is used`, used >= 0.95, used),
      promise(`${window}: fewer than 1 % of calls are refused`, refused < 0.01, refused),
    ]),
    figures,
  }
}

/** @param {string} what @param {boolean} isKept @param {number} share */
const promise = (what, isKept, share) =>
  `${isKept ? 'kept' : 'BROKEN'}: ${what} (${(share * 100).toFixed(2)} %)`
