// @ts-check
import { informedPoolDriver, oracleDriver, poolDriver, roundRobinDriver } from '../day/drivers.mjs'
import { simulateDay } from '../day/simulate-day.mjs'
import { SteadyRun } from '../day/steady-load.mjs'
import { accounts, models } from '../day/world.mjs'

const windows = /** @type {const} */ (['sliding', 'fixed'])
const uninformed = 'sfpool, no limits given'

/** @type {readonly { name: string, make: import('../day/simulate-day.mjs').MakeDriver }[]} */
const contestants = [
  { name: uninformed, make: (context) => poolDriver(context) },
  { name: 'sfpool, limits given', make: (context) => informedPoolDriver(context) },
  { name: 'round robin', make: (context) => roundRobinDriver(context, { tries: 3, cooldownMs: 0 }) },
  {
    name: 'round robin, 60 s cooldown',
    make: (context) => roundRobinDriver(context, { tries: 3, cooldownMs: 60_000 }),
  },
]

/** @type {import('./request-bench.mjs').Bench} */
export const dayBench = {
  name: 'day',
  method: () =>
    `A simulated day against the simulator's own meters: ${accounts.length} accounts of three levels with ${accounts.flatMap(({ keys }) => keys).length} keys,
${models.length} models (${models.map(({ name, limits }) => `${name} ${limitText(limits)}`).join(', ')}; times 1 to 3 by level). A contestant knows the
limits only if its name says so. Demand varies from half to one and a half times the capacity of all accounts, with bursts of five times. Clients
wait 15 s. "reachable" is what an oracle serves that knows every limit and every counter, on the same day. Platforms with sliding
windows, and platforms with calendar minutes. Tokens count when a call ends. The clock is virtual.
Beside the day, 200 keys serve 500 requests a second at an upstream without limits that answers with 429 all the same, up to 90 s
after the beginning: to one call in a hundred, or to all calls for a minute. Clients do not wait.`,
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
  for (const window of windows) figures.push(...(await figuresOf(window, day)))
  const ours = figures.filter(({ name }) => name === uninformed)
  return {
    head,
    rows: figures.map(row),
    notes: [
      ...ours.flatMap(({ window, used, refused }) => [
        promise(`${window}: at least 95 % of the reachable requests are served`, used >= 0.95, used),
        promise(`${window}: fewer than 1 % of calls are refused`, refused < 0.01, refused),
      ]),
      ...(await troubleNotes()),
    ],
    figures,
  }
}

const healedAt = 90_000
const minuteMs = 60_000

/** What becomes of clients when 429s say nothing of limits. */
async function troubleNotes() {
  const notes = []
  for (const retryAfterMs of [2_000, null]) {
    const said = retryAfterMs === null ? 'without Retry-After' : 'with Retry-After: 2'
    const strays = await troubled({ fromMs: 0, share: 0.01, retryAfterMs })
    const all = strays.refusedIn({ fromMs: 0, untilMs: 150_000 })
    notes.push(promise(`1 % stray 429s ${said}: fewer than 0.1 % of clients are refused`, all < 0.001, all))
    const throttled = await troubled({ fromMs: healedAt - minuteMs, share: 1, retryAfterMs })
    const later = throttled.refusedIn({ fromMs: healedAt + 10_000, untilMs: 150_000 })
    notes.push(promise(`throttled for a minute ${said}: no client is refused 10 s later`, later === 0, later))
  }
  return notes
}

/** @param {Omit<import('../day/steady-load.mjs').Trouble, 'untilMs'>} trouble */
const troubled = (trouble) =>
  new SteadyRun({
    keys: 200,
    perSecond: 500,
    seconds: 150,
    trouble: { ...trouble, untilMs: healedAt },
  }).toEnd()

/**
 * @param {import('@sfpool/simulator').WindowKind} window
 * @param {{ seed: number, hours: number }} day
 */
async function figuresOf(window, day) {
  // The oracle must keep to the limits; tokens that are counted at the end of a call would let it exceed them.
  const reachable = await simulateDay(oracleDriver, { ...day, window, metering: 'reserve' })
  const figures = []
  for (const { name, make } of contestants) {
    const startedAt = performance.now()
    const found = await simulateDay(make, { ...day, window, metering: 'after' })
    figures.push({
      window,
      name,
      ...found,
      seconds: (performance.now() - startedAt) / 1000,
      reachable: reachable.served,
      used: found.served / reachable.served,
      refused: found.refusals / found.calls,
    })
  }
  return figures
}

const head = [
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
]

/** @param {Awaited<ReturnType<typeof figuresOf>>[number]} figure */
function row({ name, window, served, used, refusals, refused, fairness, waitP50Ms, waitP99Ms, seconds }) {
  return [
    name,
    window,
    String(served),
    `${(used * 100).toFixed(1)} %`,
    String(refusals),
    `${(refused * 100).toFixed(2)} %`,
    fairness.toFixed(3),
    `${(waitP50Ms / 1000).toFixed(1)} s`,
    `${(waitP99Ms / 1000).toFixed(1)} s`,
    `${seconds.toFixed(0)} s`,
  ]
}

/** @param {string} what @param {boolean} isKept @param {number} share */
const promise = (what, isKept, share) =>
  `${isKept ? 'kept' : 'BROKEN'}: ${what} (${(share * 100).toFixed(2)} %)`
