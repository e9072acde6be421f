import { PatternMap } from '../collections/pattern-map.js'
import { ConfigError } from '../errors.js'
import type { Meter } from '../outcome/meter.js'
import type { Outcome } from '../outcome/outcome.js'
import { freeModels, siliconflowPrices } from '../price/siliconflow-prices.js'
import { type BalanceFacts, balanceFromFields } from './balance-facts.js'
import { normalizeBaseURL } from './base-url.js'
import { classifyByStatus, type Meaning, type Reading, readAnswer } from './classify.js'
import type { Answer, ChatProbe, ModelFacts, Provider, Restriction } from './provider.js'
import { openaiRoute } from './routes.js'

const caller: Meaning = { kind: 'rejected', fault: 'caller' }
const model: Meaning = { kind: 'rejected', fault: 'model' }
const permission: Meaning = { kind: 'rejected', fault: 'permission' }
const disabled: Meaning = { kind: 'unauthorized', fault: 'disabled' }
const overload: Meaning = { kind: 'upstream-error', fault: 'overload' }
const limit = (meter: Meter): Meaning => ({ kind: 'rate-limited', fault: 'limit', meter })

/**
 * SiliconFlow's error codes, which decide before the status does. Taken from the vendor's error-code pages (in part
 * retired) and from answers observed in 2025 and 2026.
 */
const byCode: Readonly<Record<number, Meaning>> = {
  20012: model,
  20051: permission,
  20092: caller,
  30000: permission,
  30001: { kind: 'insufficient-balance', fault: 'funds' },
  30002: disabled,
  30003: model,
  30004: permission,
  30005: permission,
  30006: permission,
  30007: permission,
  30008: disabled,
  30009: { kind: 'unauthorized', fault: 'key' },
  30010: permission,
  30011: permission,
  30012: disabled,
  30013: { kind: 'upstream-error', fault: 'ip-block' },
  30014: { kind: 'unauthorized', fault: 'key' },
  50601: limit('RPM'),
  50602: limit('TPM'),
  50603: { kind: 'upstream-error', fault: 'ip-block' },
  50604: limit('IPM'),
  50605: limit('IPD'),
  // An account without real-name verification: 100 requests a day, so it rests until the day ends.
  50606: { ...limit('RPD'), accountWide: true },
  50607: limit('RPH'),
  50608: limit('RPD'),
}

/** Codes by range, for the many that share a meaning. */
function byRange(code: number): Meaning | undefined {
  if (code >= 20011 && code <= 20099) return caller
  if (code >= 50500 && code <= 50599) return overload
  if (code >= 60000 && code <= 60099) return overload
  return undefined
}

/** What the code says, or the words of a 429 without one. */
function meaningOf({ code, status, message }: Reading): Meaning | undefined {
  if (status === 429 && /\bbusy\b/i.test(message ?? '')) return overload
  const meaning = typeof code === 'number' ? (byCode[code] ?? byRange(code)) : undefined
  // "System is really busy" comes with the code of a bad parameter; no 429 is the caller's mistake.
  return status === 429 && meaning === caller ? overload : meaning
}

function classify(answer: Answer): Outcome {
  const reading = readAnswer(answer)
  // Errors come inside a 200 too; there the codes up to 20000 are those of success.
  const isError = answer.status >= 400 || (typeof reading.code === 'number' && reading.code > 20_000)
  return classifyByStatus(reading, isError ? meaningOf(reading) : undefined)
}

const currencyOf = (site: string): string => (site === 'com' ? 'USD' : 'CNY')

/** `balance` is the gift part only; the total is what can be spent, vouchers apart. It may be negative. */
const balance: BalanceFacts = {
  ...balanceFromFields(
    {
      path: '/user/info',
      amount: 'data.totalBalance',
      charged: 'data.chargeBalance',
      gift: 'data.balance',
      account: 'data.id',
    },
    currencyOf,
  ),
  isPartial: true,
}

const restrictions: Readonly<Record<number, Restriction>> = {
  20051: 'real-name',
  30005: 'real-name',
  30007: 'tier',
  30011: 'charged-only',
  50606: 'real-name',
}

function restrictionOf({ code, fault }: Outcome): Restriction | undefined {
  const known = typeof code === 'number' ? restrictions[code] : undefined
  return known ?? (fault === 'permission' ? 'other' : undefined)
}

/** Paid on both sites, and cheap; it would think at length if it was not told otherwise. */
const chatProbe: ChatProbe = {
  model: 'deepseek-ai/DeepSeek-V4-Flash',
  fields: { enable_thinking: false },
}

/** `Pro/` models take recharged money only. Numbers of limits stand on the console alone, so none are known here. */
const charged = { 'Pro/*': { chargedOnly: true } }
const modelsOfSite: Readonly<Record<string, PatternMap<ModelFacts>>> = {
  cn: new PatternMap<ModelFacts>({
    ...charged,
    ...Object.fromEntries(freeModels.map((name) => [name, { free: true }])),
  }),
  com: new PatternMap<ModelFacts>(charged),
}

/** Addresses and site of a SiliconFlow pool. */
export interface SiliconFlowOptions {
  /** Mainland China (`cn`) or international (`com`): separate accounts, money and model lists. @default 'cn' */
  readonly site?: 'cn' | 'com'
  /**
   * Another address for that site, as for a proxy or the simulator; with or without `/v1`. The other site is not asked
   * then: a key for an address of one's own is sent nowhere else.
   */
  readonly baseURL?: string
  /** Other addresses for both sites; a site without one is not asked. Not together with `baseURL`. */
  readonly sites?: { readonly cn?: string; readonly com?: string }
}

/** SiliconFlow's facts. Two sites that share nothing; limits by account and model; days in Beijing time. */
export function siliconflow(options: SiliconFlowOptions = {}): Provider {
  const site = options.site ?? 'cn'
  const { sites, reachable } = addressesOf(options, site)
  return {
    name: 'siliconflow',
    site,
    sites,
    dayOffsetMs: 8 * 60 * 60_000,
    currencyOf,
    probePath: '/models',
    model: (name, at) => modelsOfSite[at]?.get(name),
    prices: siliconflowPrices,
    balance,
    chatProbe: () => chatProbe,
    otherSites: (refusing) => reachable.filter((other) => other !== refusing),
    restrictionOf,
    route: openaiRoute,
    classify,
  }
}

function addressesOf(
  { baseURL, sites: given }: SiliconFlowOptions,
  site: 'cn' | 'com',
): { sites: Readonly<Record<string, string>>; reachable: readonly string[] } {
  const sites = { cn: 'https://api.siliconflow.cn/v1', com: 'https://api.siliconflow.com/v1' }
  if (given !== undefined) {
    if (baseURL !== undefined) throw new ConfigError('sites', 'goes without baseURL', given)
    for (const name of ['cn', 'com'] as const) {
      const address = given[name]
      if (address !== undefined) sites[name] = normalizeBaseURL(address)
    }
    return { sites, reachable: Object.keys(given) }
  }
  if (baseURL === undefined) return { sites, reachable: Object.keys(sites) }
  return { sites: { ...sites, [site]: normalizeBaseURL(baseURL) }, reachable: [] }
}
