import { PatternMap } from '../collections/pattern-map.js'
import { ConfigError } from '../errors.js'
import { freeModels, siliconflowPrices } from '../price/siliconflow-prices.js'
import type { BalanceFacts } from './balance-facts.js'
import { balanceFromFields } from './balance-from-fields.js'
import { classifySiliconflow, restrictionOf } from './classify-siliconflow.js'
import { normalizeBaseURL } from './normalize-base-url.js'
import { openaiRoute } from './openai-route.js'
import type { ChatProbe, ModelFacts, Provider } from './provider.js'

const currencyOf = (site: string): string => (site === 'com' ? 'USD' : 'CNY')

/** `balance` is the gift part only. The total is what can be spent beside vouchers, and may be negative. */
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

/** A cheap model that costs money on both sites. Without `enable_thinking: false` it would think at length. */
const chatProbe: ChatProbe = {
  model: 'deepseek-ai/DeepSeek-V4-Flash',
  fields: { enable_thinking: false },
}

/** `Pro/` models take recharged money only. Only the vendor's console shows limits, so none are known here. */
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
   * Another address for that site, as for a proxy or the simulator; with or without `/v1`. A key is then sent to this
   * address only: checks do not ask the other site about it.
   */
  readonly baseURL?: string
  /** Other addresses by site; a site without one is not asked. Cannot be combined with `baseURL`. */
  readonly sites?: { readonly cn?: string; readonly com?: string }
}

/** SiliconFlow's facts: two sites that share nothing, limits by account and model, days in Beijing time. */
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
    classify: classifySiliconflow,
  }
}

function addressesOf(
  { baseURL, sites: given }: SiliconFlowOptions,
  site: 'cn' | 'com',
): { sites: Readonly<Record<string, string>>; reachable: readonly string[] } {
  const sites = { cn: 'https://api.siliconflow.cn/v1', com: 'https://api.siliconflow.com/v1' }
  if (given !== undefined) {
    if (baseURL !== undefined) throw new ConfigError('sites', 'goes without baseURL', given)
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      throw new ConfigError('sites', 'must be an object of addresses by site', given)
    for (const [name, address] of Object.entries(given)) {
      if (!Object.hasOwn(sites, name)) throw new ConfigError('sites', 'must be of cn and com', name)
      if (address !== undefined) sites[name as 'cn' | 'com'] = normalizeBaseURL(address, `sites.${name}`)
    }
    return { sites, reachable: Object.keys(given) }
  }
  if (baseURL === undefined) return { sites, reachable: Object.keys(sites) }
  return { sites: { ...sites, [site]: normalizeBaseURL(baseURL) }, reachable: [] }
}
