/** The providers that can be named. */
export const providerNames = ['siliconflow', 'openai', 'deepseek', 'generic'] as const

export type ProviderName = (typeof providerNames)[number]

/** Whose API it is, by address. */
export interface RecognizedProvider {
  readonly name: ProviderName
  /** SiliconFlow's site, where the host tells it. */
  readonly site?: 'cn' | 'com'
}

/**
 * Recognizes a provider by the host of a base URL; any other host is `generic`. An address of this machine is taken for
 * SiliconFlow's: there the simulator listens, or a relay of one's own. Either way errors are understood: `generic` and
 * `siliconflow` know each other's.
 */
export function recognizeProvider(baseURL: string): RecognizedProvider {
  const host = URL.canParse(baseURL) ? new URL(baseURL).hostname.toLowerCase().replace(/\.$/, '') : ''
  const isOf = (domain: string): boolean => host === domain || host.endsWith(`.${domain}`)
  if (isOf('siliconflow.cn')) return { name: 'siliconflow', site: 'cn' }
  if (isOf('siliconflow.com')) return { name: 'siliconflow', site: 'com' }
  if (isOf('openai.com')) return { name: 'openai' }
  if (isOf('deepseek.com')) return { name: 'deepseek' }
  return { name: isOfThisMachine(host) ? 'siliconflow' : 'generic' }
}

const isOfThisMachine = (host: string): boolean =>
  host === 'localhost' ||
  host.endsWith('.localhost') ||
  host === '[::1]' ||
  host === '0.0.0.0' ||
  /^127(?:\.\d{1,3}){3}$/.test(host)
