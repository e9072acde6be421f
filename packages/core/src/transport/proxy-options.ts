import { ConfigError, withheld } from '../errors.js'
import { type IsDirect, noProxy } from './no-proxy.js'

/** The proxies that calls go through, by the scheme of the upstream. */
export interface ProxyOptions {
  /** URL of the proxy to upstreams that begin with `https:`, and to all when there is no `http`. */
  readonly https?: string | undefined
  /** URL of the proxy to upstreams that begin with `http:`. @default none */
  readonly http?: string | undefined
  /**
   * Upstreams that are reached directly, in the notation of NO_PROXY: `localhost,.example.com,10.0.0.0/8,host:8080`, or
   * `*`. @default none: loopback addresses go through the proxy too
   */
  readonly noProxy?: string | undefined
}

/** A proxy, ready to be connected to. */
export interface ProxyAddress {
  readonly kind: 'http' | 'https' | 'socks5'
  readonly hostname: string
  readonly port: number
  /** Null where the URL holds no credentials. */
  readonly login: { readonly user: string; readonly password: string } | null
  /** The URL without its password. */
  readonly shown: string
}

const defaultPorts = { http: 80, https: 443, socks5: 1080 } as const
const kinds: Readonly<Record<string, ProxyAddress['kind']>> = {
  'http:': 'http',
  'https:': 'https',
  'socks:': 'socks5',
  'socks5:': 'socks5',
  'socks5h:': 'socks5',
}

/** Finds the proxy for an upstream. */
export class ProxyRules {
  readonly #https: ProxyAddress | null
  readonly #http: ProxyAddress | null
  readonly #isDirect: IsDirect

  /** One URL is the proxy for every upstream. Throws a `ConfigError` for a wrong URL. */
  constructor(given: string | ProxyOptions) {
    const options = typeof given === 'string' ? { https: given, http: given } : given
    this.#https = options.https === undefined ? null : proxyOf(options.https, optionName(given, 'https'))
    this.#http = options.http === undefined ? null : proxyOf(options.http, optionName(given, 'http'))
    this.#isDirect = noProxy(options.noProxy ?? '')
  }

  /** The proxy to an origin; null for none. */
  for(origin: string): ProxyAddress | null {
    const { protocol, hostname, port } = new URL(origin)
    const isSecure = protocol === 'https:'
    const proxy = isSecure ? this.#https : this.#http
    if (proxy === null) return null
    return this.#isDirect(hostname, port === '' ? (isSecure ? 443 : 80) : Number(port)) ? null : proxy
  }
}

const optionName = (given: string | ProxyOptions, field: string): string =>
  typeof given === 'string' ? 'proxy' : `proxy.${field}`

/** Reads the URL of a proxy; a bare `host:port` is an HTTP proxy. `option` is named in the error. */
export function proxyOf(text: string, option: string): ProxyAddress {
  const trimmed = text.trim()
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`
  const url = URL.canParse(whole) ? new URL(whole) : null
  const kind = url === null ? undefined : kinds[url.protocol]
  if (url === null || kind === undefined || url.hostname === '')
    throw new ConfigError(
      option,
      'must be an http, https or socks5 URL, such as http://127.0.0.1:3128',
      withheld,
    )
  const port = url.port === '' ? defaultPorts[kind] : Number(url.port)
  const hasLogin = url.username !== '' || url.password !== ''
  return {
    kind,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    login: hasLogin ? { user: decoded(url.username), password: decoded(url.password) } : null,
    shown: `${kind}://${hasLogin ? '…@' : ''}${url.hostname}:${port}`,
  }
}

/** A percent sign in a password is often left as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The proxies that an environment names: `HTTPS_PROXY` and `HTTP_PROXY`, each with `ALL_PROXY` in its place, and
 * `NO_PROXY`; names in lower case go first. Undefined when it names none. Throws a `ConfigError` that names the variable
 * of a wrong URL.
 */
export function proxyFromEnvironment(environment: Environment = process.env): ProxyOptions | undefined {
  const https = urlIn(environment, ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'])
  // In a CGI program, HTTP_PROXY is what a client sent as its header Proxy (CVE-2016-5385).
  const own = environment.REQUEST_METHOD === undefined ? ['HTTP_PROXY'] : []
  const http = urlIn(environment, ['http_proxy', ...own, 'all_proxy', 'ALL_PROXY'])
  if (https === undefined && http === undefined) return undefined
  return { https, http, noProxy: noProxyIn(environment) }
}

/** The list of hosts that an environment exempts from proxies. */
export function noProxyIn(environment: Environment): string | undefined {
  return environment.no_proxy ?? environment.NO_PROXY
}

function urlIn(environment: Environment, names: readonly string[]): string | undefined {
  const name = names.find((each) => environment[each] !== undefined)
  const text = name === undefined ? undefined : environment[name]?.trim()
  if (name === undefined || text === undefined || text === '') return undefined
  proxyOf(text, name)
  return text
}

/** The proxy to a URL without its credentials, for people to read; null when there is none. */
export function proxyShown(options: string | ProxyOptions, url: string): string | null {
  return new ProxyRules(options).for(new URL(url).origin)?.shown ?? null
}
