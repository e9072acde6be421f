import type { OfferedModel } from '../catalogue/catalogue.js'
import type { Usage } from '../catalogue/price.js'
import { apiError } from '../errors/api-error.js'
import type { AccountCall } from '../http/call.js'
import type { Account } from './account.js'
import { charge, hasFunds } from './billing.js'
import { type Limits, type MeterName, scaleLimits } from './limits.js'
import { type Demand, MeterSet, type Overflow } from './meters.js'

/** The expected usage of a call before it runs. */
export interface ExpectedUsage {
  /** Tokens of the prompt and of the longest possible answer. */
  tokens?: number
  images?: number
  /** Whether only recharged money may pay, as for batches of any model. */
  isChargeOnly?: boolean
}

/** The permission to run a call. `settle` bills the actual usage. */
export interface Admission {
  settle(usage: Partial<Usage>): void
}

/** Admits the call, or throws the platform's refusal. Checks the real name, then money, then limits. */
export function admit(call: AccountCall, model: OfferedModel, expected: ExpectedUsage = {}): Admission {
  const { account, secret, world, record } = call
  const { settings, runtime } = world
  const isChargeOnly = expected.isChargeOnly ?? model.isChargeOnly
  requireVerified(call, model)
  requireFunds(call, model, isChargeOnly)
  const isReserving = settings.tokenMetering === 'reserve'
  const demand = {
    requests: 1,
    tokens: isReserving ? (expected.tokens ?? 0) : 0,
    images: expected.images ?? 0,
  }
  const limits = limitsOf(account, model)
  const meters = meterSet(call, model.id)
  const now = runtime.now()
  const overflow = meters.overflow(limits, demand, now)
  if (overflow !== undefined) throw rateLimited(call, overflow)
  const reservation = meters.count(limits, demand, now)
  addLimitHeaders(call, meters, limits)
  return {
    settle(usage) {
      const tokens = (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0)
      const settledAt = runtime.now()
      for (const { window, slot } of reservation) window.amend(slot, tokens - demand.tokens, settledAt)
      if (reservation.length === 0) meters.count(limits, { requests: 0, tokens, images: 0 }, settledAt)
      const modelId = call.model ?? model.id
      charge(account, { requestId: record.id, key: secret, model, modelId, usage, now, isChargeOnly })
    },
  }
}

function requireVerified(call: AccountCall, model: OfferedModel): void {
  if (call.account.status !== 'unverified') return
  if (call.world.settings.regime === 'current' || model.isVerifiedOnly) throw apiError('real-name-required')
  const limits: Limits = { rpm: 10, rpd: 100 }
  const demand: Demand = { requests: 1, tokens: 0, images: 0 }
  const meters = meterSet(call, '')
  const now = call.world.runtime.now()
  const overflow = meters.overflow(limits, demand, now)
  if (overflow?.meter === 'rpd') throw apiError('unverified-daily-limit')
  if (overflow !== undefined) throw rateLimited(call, overflow)
  meters.count(limits, demand, now)
}

function requireFunds({ account, world }: AccountCall, model: OfferedModel, isChargeOnly: boolean): void {
  const { freeModels, regime } = world.settings
  if (model.isFree && !isChargeOnly && freeModels === 'allow') return
  if (hasFunds(account, isChargeOnly)) return
  throw apiError(regime === 'classic' ? 'insufficient-balance-classic' : 'insufficient-balance')
}

function limitsOf({ limits, level }: Account, model: OfferedModel): Limits {
  const own = limits[model.id] ?? limits['*']
  if (own !== undefined) return own
  return model.isFree || model.isChargeOnly ? model.limits : scaleLimits(model.limits, level)
}

function meterSet({ account, world }: AccountCall, modelId: string): MeterSet {
  const existing = account.meters.get(modelId)
  if (existing !== undefined) return existing
  const created = new MeterSet(world.settings.window)
  account.meters.set(modelId, created)
  return created
}

function rateLimited(call: AccountCall, { meter, resetMs }: Overflow): Error {
  const { regime, rateLimitHeaders } = call.world.settings
  const hasRetryAfter = rateLimitHeaders === 'retry-after' || rateLimitHeaders === 'both'
  const headers = hasRetryAfter ? { 'retry-after': String(Math.ceil(resetMs / 1000)) } : {}
  return apiError(regime === 'classic' ? `rate-limit-${meter}-classic` : `rate-limit-${meter}`, headers)
}

const headerMeters: readonly [name: string, meter: MeterName][] = [
  ['requests', 'rpm'],
  ['tokens', 'tpm'],
]

function addLimitHeaders(call: AccountCall, meters: MeterSet, limits: Limits): void {
  const { rateLimitHeaders } = call.world.settings
  if (rateLimitHeaders !== 'x-ratelimit' && rateLimitHeaders !== 'both') return
  for (const [name, meter] of headerMeters) {
    const remaining = meters.remaining(limits, meter, call.world.runtime.now())
    if (remaining === undefined) continue
    call.responseHeaders[`x-ratelimit-limit-${name}`] = String(limits[meter])
    call.responseHeaders[`x-ratelimit-remaining-${name}`] = String(remaining.left)
    call.responseHeaders[`x-ratelimit-reset-${name}`] = `${Math.ceil(remaining.resetMs / 1000)}s`
  }
}
