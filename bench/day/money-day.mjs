// @ts-check
import { KeyPool } from '@sfpool/core'
import { seededRandom, startSimulator } from '@sfpool/simulator'
import { VirtualTime } from './virtual-time.mjs'

/**
 * @typedef {object} MoneyFigures
 * @property {number} calls made by clients
 * @property {number} served
 * @property {number} spent money of all accounts, as billed by the platform
 * @property {number} refusals answers with 402
 * @property {number} found number of times an account was found empty
 * @property {number} trials calls that tried whether the account has money again
 * @property {number} underWay calls that were running when another call found the same account empty
 * @property {number} wasted all other refused calls, which should not have been made
 * @property {number} empty accounts without money at the end
 * @property {number} unnoticed accounts without money at the end that the pool does not know to be empty
 * @property {number} unknownCosts calls whose cost the pool does not know
 * @property {number} worstError the largest error of an estimate, as a share of the account's money
 * @property {number} ledgerError the error of all known costs, as a share of what the platform billed
 * @property {readonly AccountFigures[]} accounts
 *
 * @typedef {object} AccountFigures
 * @property {string} id
 * @property {number} had
 * @property {number} truth
 * @property {number | null} estimate
 */

/** Midnight in Beijing. */
const startAt = Date.UTC(2026, 8, 30, 16)
const hourMs = 3_600_000

/** The money of the accounts: little money of every kind, and much money. */
const moneyOfAccounts = [
  { charged: '1' },
  { charged: '1.2', gift: '0.8' },
  { voucher: '3' },
  { charged: '60' },
  { charged: '0.5', voucher: '0.25', gift: '0.25' },
  { charged: '80', voucher: '5' },
]
const accountCount = 18

const scenario = {
  accounts: Array.from({ length: accountCount }, (_, index) => ({
    id: `account-${index + 1}`,
    keys: Array.from({ length: 1 + (index % 2) }, (_, key) => fakeKey(index + 1, key + 1)),
    money: moneyOfAccounts[index % moneyOfAccounts.length] ?? {},
    limits: { '*': {} },
  })),
}

/** @param {number} account @param {number} key */
function fakeKey(account, key) {
  return `sk-fakemoney${String(account).padStart(12, '0')}${String(key).padStart(12, '0')}`
}

/** Models whose prices come with the pool. */
const shipped = ['deepseek-ai/DeepSeek-V4-Flash', 'FunAudioLLM/CosyVoice2-0.5B', 'Wan-AI/Wan2.2-T2V-A14B']

/**
 * Makes the operator's price list from the models of the platform.
 * @param {import('@sfpool/simulator').Simulator} simulator
 */
function listOf(simulator) {
  const models = simulator.models.list().filter(({ id, site }) => site !== 'com' && !shipped.includes(id))
  const entries = models.map(({ id, price = [] }) => [
    id,
    price.length === 0
      ? 'free'
      : price.map(({ perImage, perVideo, perKilobyte, hours: _, ...line }) => ({
          ...line,
          ...(perImage === undefined ? {} : { image: perImage }),
          ...(perVideo === undefined ? {} : { video: perVideo }),
          ...(perKilobyte === undefined ? {} : { speech: perKilobyte }),
        })),
  ])
  return {
    date: '2026-10-01',
    source: 'the platform of this bench',
    sites: { cn: { currency: 'CNY', models: Object.fromEntries(entries) } },
  }
}

const words = 'Tell me about the weather of tomorrow, please, and of the day after it. '

/**
 * @typedef {object} ClientRequest
 * @property {string} path
 * @property {object} body
 * @property {Record<string, string>} [headers]
 * @property {boolean} [leaves] the client leaves in the middle of the answer
 */

/** @param {() => number} random @returns {ClientRequest} */
function drawRequest(random) {
  const kind = random()
  const tokens = String(100 + Math.floor(random() * 1_400))
  const messages = [{ role: 'user', content: words.repeat(1 + Math.floor(random() * 40)) }]
  /** @param {string} model @param {object} [more] @param {Record<string, string>} [headers] @returns {ClientRequest} */
  const chat = (model, more, headers) => ({
    path: '/chat/completions',
    body: { model, messages, ...more },
    headers: { 'x-sim-tokens': tokens, ...headers },
  })
  if (kind < 0.4) return chat('Qwen/Qwen2.5-72B-Instruct')
  if (kind < 0.5) {
    const isThinking = { enable_thinking: random() < 0.5 }
    return chat('deepseek-ai/DeepSeek-V4-Flash', isThinking, { 'x-sim-cached-tokens': '20' })
  }
  if (kind < 0.65) {
    const leaves = random() < 0.1
    // A client that leaves does so while the platform still generates the answer.
    const pace = leaves ? { 'x-sim-tokens': '400', 'x-sim-event-ms': '1' } : { 'x-sim-tokens': '80' }
    return { ...chat('Qwen/Qwen2.5-72B-Instruct', { stream: true }, pace), leaves }
  }
  if (kind < 0.75) return chat('Pro/deepseek-ai/DeepSeek-V3')
  if (kind < 0.87) return chat('Qwen/Qwen3-8B', { enable_thinking: false })
  if (kind < 0.92) return { path: '/embeddings', body: { model: 'Qwen/Qwen3-Embedding-8B', input: words } }
  if (kind < 0.96)
    return {
      path: '/images/generations',
      body: { model: 'Qwen/Qwen-Image', prompt: words, image_size: '512x512' },
    }
  if (kind < 0.99) {
    const model = 'FunAudioLLM/CosyVoice2-0.5B'
    const voice = { voice: `${model}:alex`, stream: false }
    return { path: '/audio/speech', body: { model, input: words.repeat(3), ...voice } }
  }
  const size = { image_size: '1280x720' }
  return { path: '/video/submit', body: { model: 'Wan-AI/Wan2.2-T2V-A14B', prompt: words, ...size } }
}

/**
 * Runs a day of calls through a pool to the simulator, over sockets and with a virtual clock. There is no balance
 * endpoint: the pool knows the entered balances, the costs of calls by its price lists, and the answers.
 * @param {{ seed: number, hours: number, callsPerHour: number }} options
 * @returns {Promise<MoneyFigures>}
 */
export async function moneyDay({ seed, hours, callsPerHour }) {
  const time = new VirtualTime({ startAt, seed })
  const random = seededRandom(seed + 1)
  const simulator = await startSimulator({ scenario, now: time.now.bind(time) })
  const pool = new KeyPool({
    keys: scenario.accounts.flatMap(({ id, keys, money }) =>
      keys.map((secret, at) => ({ secret, account: id, ...(at === 0 ? { balance: sumOf(money) } : {}) })),
    ),
    baseURL: simulator.sites.cn.baseURL,
    prices: listOf(simulator),
    runtime: time.runtime,
    queue: { limit: 0, maxWaitMs: 0 },
  })
  const had = new Map(scenario.accounts.map(({ id, money }) => [id, Number(sumOf(money))]))
  const seen = watch(pool, () => time.now())
  try {
    await pool.ready
    let served = 0
    const calls = Math.round(hours * callsPerHour)
    const day = { topUps: topUps(hours), next: 0 }
    for (let call = 0; call < calls; call++) {
      await time.runUntil(startAt + (call / callsPerHour) * hourMs)
      const due = day.topUps[day.next]
      if (due !== undefined && time.now() >= due.at) {
        day.next++
        await topUp({ pool, simulator, had }, due)
      }
      // Sometimes two requests at the same time.
      const requests = random() < 0.2 ? [drawRequest(random), drawRequest(random)] : [drawRequest(random)]
      const statuses = await Promise.all(requests.map((each) => ask(pool, each)))
      call += requests.length - 1
      served += statuses.filter((status) => status < 400).length
    }
    await time.runUntil(startAt + hours * hourMs + 5_000)
    return { calls, served, ...seen, ...(await compare({ pool, simulator, had })) }
  } finally {
    await pool.close()
    await simulator.close()
  }
}

/** Returns the top-ups: two accounts get money at noon, one of them empty by then, and the operator enters it. @param {number} hours */
function topUps(hours) {
  const noon = startAt + (hours / 2) * hourMs
  return [
    { at: noon, account: 'account-1', amount: '6' },
    { at: noon, account: 'account-4', amount: '2.5' },
  ]
}

/**
 * @param {{ pool: KeyPool, simulator: import('@sfpool/simulator').Simulator, had: Map<string, number> }} world
 * @param {{ account: string, amount: string }} what
 */
async function topUp({ pool, simulator, had }, { account, amount }) {
  const { money } = accountOf(simulator, account)
  simulator.accounts.update(account, {
    money: { charged: (Number(money.charged) + Number(amount)).toFixed(12) },
  })
  had.set(account, (had.get(account) ?? 0) + Number(amount))
  const [key] = pool.keys.list({ account })
  if (key !== undefined) await pool.keys.update(key.id, { balance: `+${amount}` })
}

/** @param {import('@sfpool/simulator').Simulator} simulator @param {string} id */
function accountOf(simulator, id) {
  const account = simulator.accounts.get(id)
  if (account === undefined) throw new Error(`the platform has no ${id}`)
  return account
}

/** Counts the pool's events about money. @param {KeyPool} pool @param {() => number} now */
function watch(pool, now) {
  const seen = { refusals: 0, found: 0, trials: 0, underWay: 0, wasted: 0 }
  /** @type {Map<string, { reason: string, at: number }>} the last reason why each account was found empty */
  const lacked = new Map()
  let isNews = false
  pool.on('key-exhausted', ({ keys: [id = ''] }) => {
    const view = pool.keys.get(id)
    const account = view?.account ?? ''
    const reason = view?.reason ?? ''
    if (lacked.get(account)?.reason === reason) seen.trials++
    else seen.found++
    lacked.set(account, { reason, at: now() })
    isNews = true
  })
  pool.on('attempt-end', ({ key, outcome }) => {
    if (outcome.kind !== 'insufficient-balance') return
    seen.refusals++
    const known = lacked.get(pool.keys.get(key)?.account ?? '')
    // Of two calls at the same instant, the second was running when the first was refused.
    if (!isNews && known?.at === now()) seen.underWay++
    else if (!isNews) seen.wasted++
    isNews = false
  })
  pool.on('key-recovered', ({ keys: [id = ''], model }) => {
    if (model === null) lacked.delete(pool.keys.get(id)?.account ?? '')
  })
  return seen
}

/** @param {KeyPool} pool @param {ClientRequest} wish */
async function ask(pool, { path, body, headers, leaves = false }) {
  const response = await pool.fetch(`${pool.baseURL}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  if (leaves && response.status === 200 && response.body !== null) {
    const reader = response.body.getReader()
    await reader.read()
    await reader.cancel()
  } else await response.arrayBuffer()
  return response.status
}

/** @param {{ pool: KeyPool, simulator: import('@sfpool/simulator').Simulator, had: ReadonlyMap<string, number> }} world */
async function compare({ pool, simulator, had }) {
  const balance = await pool.balance()
  const usage = await pool.usage({ by: [] })
  const estimates = new Map(balance.accounts.map(({ account, balance: { amount } }) => [account, amount]))
  const accounts = simulator.accounts
    .list()
    .map(({ id, money }) => {
      const amount = estimates.get(id) ?? null
      const estimate = amount === null ? null : Number(amount)
      return { id, had: had.get(id) ?? 0, truth: Number(sumOf(money)), estimate }
    })
    .filter(({ id }) => estimates.has(id))
  const spent = simulator.accounts.list().reduce((sum, account) => sum + Number(account.spent), 0)
  const errors = accounts.map(({ had, truth, estimate }) =>
    estimate === null ? Number.POSITIVE_INFINITY : Math.abs(estimate - truth) / had,
  )
  const empty = accounts.filter(({ truth }) => truth <= 0)
  const [sums] = usage.rows
  return {
    spent,
    empty: empty.length,
    unnoticed: empty.filter(({ estimate }) => estimate === null || estimate > 0).length,
    unknownCosts: sums?.unknownCosts ?? 0,
    worstError: Math.max(...errors),
    ledgerError: Math.abs(Number(sums?.cost ?? 0) - spent) / spent,
    accounts,
  }
}

/** @param {Partial<Record<'charged' | 'gift' | 'voucher', string>>} money */
const sumOf = ({ charged = '0', gift = '0', voucher = '0' }) =>
  (Number(charged) + Number(gift) + Number(voucher)).toFixed(12)
