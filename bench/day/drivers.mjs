// @ts-check
import { KeyPool } from '@sfpool/core'
import { accounts, limitsOf, models } from './world.mjs'

/**
 * @typedef {import('./world.mjs').DayModel} DayModel
 * @typedef {import('./world.mjs').DayAccount} DayAccount
 *
 * @typedef {object} DriverContext the surroundings of a driver
 * @property {import('./virtual-time.mjs').VirtualTime} time
 * @property {import('./world.mjs').Platform} platform
 * @property {(waitedMs: number) => void} served called for every served client
 * @property {() => void} lost called for every client that was not served
 *
 * @typedef {object} Driver
 * @property {(model: DayModel) => void} ask sends a client's request for a model
 * @property {() => Promise<void>} close
 */

/** How long a client waits. */
const maxWaitMs = 15_000
/** The time from the dispatch to a refusal. */
const refusalMs = 100

/** @param {DayModel} model @param {() => number} random */
const latencyOf = ({ latencyMs: [from, to] }, random) => from + random() * (to - from)
/** @param {DayModel} model @param {() => number} random */
const tokensOf = ({ tokens }, random) => Math.round(tokens * (1 / 3 + (random() * 4) / 3))

const accountOfKey = new Map(accounts.flatMap((account) => account.keys.map((key) => [key, account])))

/**
 * Drives sfpool: it takes a lease for each attempt, and settles it with the platform's answer.
 * @param {DriverContext} context
 * @param {import('@sfpool/core').PoolOptions} options
 * @returns {Driver}
 */
export function poolDriver({ time, platform, served, lost }, options = {}) {
  const pool = new KeyPool({
    keys: accounts.flatMap(({ id, keys }) => keys.map((secret) => ({ secret, account: id }))),
    runtime: time.runtime,
    queue: { limit: 10_000, maxWaitMs },
    ...options,
  })
  /** @param {DayModel} model @param {number} since */
  const attempt = async (model, since) => {
    const remainingMs = Math.max(maxWaitMs - (time.now() - since), 0)
    const { name, tokens, images } = model
    const lease = await pool
      .acquire({ model: name, tokens, images, maxWaitMs: remainingMs })
      .catch(() => null)
    if (lease === null) return lost()
    const account = accountOf(lease.secret)
    const dispatchedAt = time.now()
    const { refusedBy, reservation } = platform.call(account, model, dispatchedAt)
    if (refusedBy !== null) {
      return time.at(dispatchedAt + refusalMs, () => {
        lease.settle({ status: 429, body: refusalBody(refusedBy) })
        void attempt(model, since)
      })
    }
    served(dispatchedAt - since)
    time.at(dispatchedAt + latencyOf(model, time.runtime.random), () => {
      const totalTokens = tokensOf(model, time.runtime.random)
      platform.end(account, model, { tokens: totalTokens, now: time.now(), reservation })
      const half = Math.floor(totalTokens / 2)
      const usage = {
        promptTokens: half,
        completionTokens: totalTokens - half,
        totalTokens,
        cachedTokens: 0,
        reasoningTokens: 0,
      }
      lease.settle('success', totalTokens === 0 ? null : usage)
    })
  }
  return { ask: (model) => void attempt(model, time.now()), close: () => pool.close() }
}

/** Drives sfpool with the limits in its options. @param {DriverContext} context @param {import('@sfpool/core').PoolOptions} options */
export function informedPoolDriver(context, options = {}) {
  const limits = {
    accounts: Object.fromEntries(
      accounts.map((account) => [
        account.id,
        Object.fromEntries(models.map((model) => [model.name, upperCase(limitsOf(model, account))])),
      ]),
    ),
  }
  return poolDriver(context, { limits, ...options })
}

/**
 * Drives a plain round robin over the keys: a refused call goes to the next key, up to `tries` keys. A refused key is not
 * used for `cooldownMs`.
 * @param {DriverContext} context
 * @param {{ tries: number, cooldownMs: number }} options
 * @returns {Driver}
 */
export function roundRobinDriver({ time, platform, served, lost }, { tries, cooldownMs }) {
  const keys = accounts.flatMap(({ keys }) => keys)
  /** @type {Map<string, number>} */
  const coolingUntil = new Map()
  let next = 0
  const nextKey = () => {
    for (let passed = 0; passed < keys.length; passed++) {
      const key = /** @type {string} */ (keys[next++ % keys.length])
      if ((coolingUntil.get(key) ?? 0) <= time.now()) return key
    }
    return null
  }
  /** @param {DayModel} model @param {{ since: number, left: number }} request */
  const attempt = (model, { since, left }) => {
    const key = left === 0 ? null : nextKey()
    if (key === null) return lost()
    const account = accountOf(key)
    const { refusedBy, reservation } = platform.call(account, model, time.now())
    if (refusedBy !== null) {
      coolingUntil.set(key, time.now() + cooldownMs)
      return time.at(time.now() + refusalMs, () => attempt(model, { since, left: left - 1 }))
    }
    served(time.now() - since)
    time.at(time.now() + latencyOf(model, time.runtime.random), () => {
      const tokens = tokensOf(model, time.runtime.random)
      platform.end(account, model, { tokens, now: time.now(), reservation })
    })
  }
  return { ask: (model) => attempt(model, { since: time.now(), left: tries }), close: async () => {} }
}

/**
 * Drives an oracle that knows every limit: clients wait in a queue per model and are served as soon as any account has
 * capacity. What it serves is the reachable maximum.
 * @param {DriverContext} context
 * @returns {Driver}
 */
export function oracleDriver({ time, platform, served, lost }) {
  /** @type {Map<DayModel, number[]>} the instants at which waiting clients arrived */
  const queues = new Map(models.map((model) => [model, []]))
  let isDone = false
  const serve = () => {
    for (const [model, queue] of queues) {
      while (queue.length > 0 && time.now() - Number(queue[0]) > maxWaitMs) {
        queue.shift()
        lost()
      }
      for (const account of accounts) {
        while (queue.length > 0 && platform.hasRoom(account, model, time.now())) {
          const { reservation } = platform.call(account, model, time.now())
          served(time.now() - Number(queue.shift()))
          time.at(time.now() + latencyOf(model, time.runtime.random), () => {
            const tokens = tokensOf(model, time.runtime.random)
            platform.end(account, model, { tokens, now: time.now(), reservation })
          })
        }
      }
    }
    if (!isDone) time.at(time.now() + 500, serve)
  }
  serve()
  return {
    ask: (model) => void queues.get(model)?.push(time.now()),
    close: async () => {
      isDone = true
    },
  }
}

/** @param {string} key */
function accountOf(key) {
  const account = accountOfKey.get(key)
  if (account === undefined) throw new Error('the key belongs to no account')
  return account
}

/** SiliconFlow's error codes. */
const codes = { rpm: 50601, tpm: 50602, ipm: 50604, ipd: 50605, rph: 50607, rpd: 50608, tpd: 50602 }

/** Returns the body of SiliconFlow's refusal. @param {import('@sfpool/simulator').MeterName} meter */
const refusalBody = (meter) => ({
  code: codes[meter],
  message: `Request was rejected due to rate limiting. Details: ${meter.toUpperCase()} limit reached.`,
  data: null,
})

/** @param {Readonly<Record<string, number>>} limits */
const upperCase = (limits) =>
  Object.fromEntries(Object.entries(limits).map(([meter, limit]) => [meter.toUpperCase(), limit]))
