// @ts-check
import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { KeyPool } from '@sfpool/core'
import { sqliteStore } from '@sfpool/core/sqlite'
import { LeapingClock } from './leaping-clock.mjs'

const minute = 60_000
const day = 1_440 * minute
const start = Date.UTC(2026, 0, 1)

/**
 * @typedef {object} YearPlan
 * @property {string} path of the store's file
 * @property {number} days
 * @property {number} everyMinutes between two bursts of requests
 * @property {number} burst requests at once
 * @property {number} keys each of an account of its own
 * @property {number} models
 * @property {number} clients
 * @property {number} seed
 */

/**
 * Lets a pool with a SQLite store live through days of traffic on a virtual clock, and looks at what its history takes.
 * @param {YearPlan} plan
 */
export async function historyYear(plan) {
  const time = new LeapingClock({ startAt: start, seed: plan.seed })
  const store = await sqliteStore({ path: plan.path })
  const keys = Array.from({ length: plan.keys }, (_, at) => `sk-fakeyear${String(at).padStart(38, '0')}`)
  const pool = new KeyPool({ keys, store, runtime: time.runtime, checks: { onLackOfFunds: false } })
  await pool.ready
  const end = start + plan.days * day
  let requests = 0
  for (let at = start; at < end; at += plan.everyMinutes * minute) {
    await time.leapTo(at)
    await burst(pool, time, plan)
    requests += plan.burst
    await time.leapTo(at + 2_000)
    // Reading comes after writing, so that the clock does not run ahead of the store.
    await pool.rates()
  }
  const queries = await timeQueries(pool)
  await pool.close()
  return { requests, queries, fileBytes: statSync(plan.path).size, spans: await spansOf(plan.path) }
}

/** @param {KeyPool} pool @param {LeapingClock} time @param {YearPlan} plan */
async function burst(pool, time, { burst: count, models, clients }) {
  for (let n = 0; n < count; n++) {
    const model = `org/model-${skewed(time, models)}`
    const client = `sfc_client_${skewed(time, clients)}`
    const lease = await pool.acquire({ model, client, tokens: 500 })
    const promptTokens = Math.floor(time.random() * 2_000)
    const completionTokens = Math.floor(time.random() * 500)
    const totalTokens = promptTokens + completionTokens
    const usage = { promptTokens, completionTokens, totalTokens, cachedTokens: 0, reasoningTokens: 0 }
    const outcome = time.random() < 0.02 ? 'upstream-error' : 'success'
    lease.settle(outcome, usage, 100 * Math.exp(3 * time.random()))
  }
}

/** Low numbers more often than high ones, as with real models and clients. @param {LeapingClock} time @param {number} count */
const skewed = (time, count) => Math.floor(count * time.random() ** 3)

/** @param {KeyPool} pool */
async function timeQueries(pool) {
  /** @type {Record<string, number>} */
  const times = {}
  for (const by of /** @type {const} */ (['none', 'key', 'account', 'model', 'client']))
    for (const [window, step] of /** @type {const} */ ([
      ['1h', 60],
      ['30d', 3_600],
      ['30d', 86_400],
      ['365d', 86_400],
    ]))
      times[`${window} by ${by} in steps of ${step} s`] = await milliseconds(() =>
        pool.history({ metric: 'requests', window, by, step }),
      )
  times['figures of 30d by key'] = await milliseconds(() => pool.figures({ window: '30d', by: 'key' }))
  return times
}

/** The fastest of five. @param {() => Promise<unknown>} work */
async function milliseconds(work) {
  const times = []
  for (let n = 0; n < 5; n++) {
    const before = performance.now()
    await work()
    times.push(performance.now() - before)
  }
  return Math.min(...times)
}

/**
 * What each span takes in the file.
 * @param {string} path
 * @returns {Promise<{ span: string, rows: number, bytes: number }[]>}
 */
async function spansOf(path) {
  const fromCore = createRequire(new URL('../../packages/core/package.json', import.meta.url))
  const { createClient } = fromCore('@libsql/client/sqlite3')
  const client = createClient({ url: `file:${encodeURIComponent(path)}` })
  const { rows } = await client.execute(
    'SELECT span, count(*) AS rows, sum(length(tallies)) AS bytes FROM history GROUP BY span ORDER BY span',
  )
  client.close()
  const names = new Map([
    [minute, 'minutes'],
    [60 * minute, 'hours'],
    [day, 'days'],
  ])
  return rows.map((/** @type {Record<string, unknown>} */ row) => ({
    span: names.get(Number(row.span)) ?? '',
    rows: Number(row.rows),
    bytes: Number(row.bytes),
  }))
}
