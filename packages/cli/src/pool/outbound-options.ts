import type { PoolOptions } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import type { Settings } from '../config/settings.js'
import { fileFailure } from '../input/file-failure.js'
import { readText } from '../input/read-text.js'
import type { Terminal } from '../terminal.js'

/** What decides how the upstream is reached. Commands without these settings reach none. */
export interface OutboundContext {
  readonly settings: Partial<Pick<Settings, 'proxy' | 'ca'>>
  /** Whose environment names proxies; without it there is none. */
  readonly terminal?: Pick<Terminal, 'environment'>
}

/** No list of certificates is as long as this. */
const maxCaBytes = 10 * 1024 * 1024

/**
 * The pool's options `proxy` and `ca`. A proxy that is set goes before those of the environment, whose NO_PROXY holds for
 * either; `none` is for no proxy at all.
 */
export async function outboundOptions({
  settings,
  terminal,
}: OutboundContext): Promise<Pick<PoolOptions, 'proxy' | 'ca'>> {
  const { proxy, ca } = settings
  const environment = terminal?.environment ?? {}
  const certificates = ca === undefined ? {} : { ca: await readCertificates(ca) }
  if (proxy === 'none' || !('proxy' in settings)) return certificates
  const { noProxyIn, proxyFromEnvironment } = await import('@sfpool/core')
  if (proxy !== undefined)
    return { proxy: { https: proxy, http: proxy, noProxy: noProxyIn(environment) ?? '' }, ...certificates }
  const named = proxyFromEnvironment(environment)
  return named === undefined ? certificates : { proxy: named, ...certificates }
}

/** The context of a command that asks no upstream: how one would be reached need not even be right. */
export function withoutOutbound<T extends OutboundContext>(context: T): T {
  const { proxy: _proxy, ca: _ca, ...settings } = context.settings
  return { ...context, settings }
}

async function readCertificates(path: string): Promise<string> {
  try {
    return await readText(path, maxCaBytes)
  } catch (cause) {
    throw new CliError(`--ca ${path} cannot be read: ${fileFailure(cause)}`, { cause })
  }
}
