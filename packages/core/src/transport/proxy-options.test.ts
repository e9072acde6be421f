import { describe, expect, it } from 'vitest'
import { ProxyRules, proxyFromEnvironment, proxyOf } from './proxy-options.js'

const proxyFor = (environment: Record<string, string>, url: string): string | null => {
  const options = proxyFromEnvironment(environment)
  return options === undefined ? null : (new ProxyRules(options).for(url)?.shown ?? null)
}

describe('the proxy that an environment names', () => {
  it.each([
    [{ HTTPS_PROXY: 'http://a:1' }, 'http://a:1'],
    [{ https_proxy: 'http://b:1', HTTPS_PROXY: 'http://a:1' }, 'http://b:1'],
    [{ ALL_PROXY: 'socks5://a' }, 'socks5://a:1080'],
    [{ all_proxy: 'socks5h://b', ALL_PROXY: 'socks5://a' }, 'socks5://b:1080'],
    [{ HTTPS_PROXY: 'a:3128' }, 'http://a:3128'],
    [{ HTTP_PROXY: 'http://a:1' }, null],
    [{ HTTPS_PROXY: '' }, null],
    [{ https_proxy: '', HTTPS_PROXY: 'http://a:1' }, null],
    [{ HTTPS_PROXY: 'http://a:1', NO_PROXY: '.example' }, null],
    [{ HTTPS_PROXY: 'http://a:1', no_proxy: '', NO_PROXY: '*' }, 'http://a:1'],
    [{}, null],
  ])('%j leads to an https upstream through %s', (environment, shown) => {
    expect(proxyFor(environment as Record<string, string>, 'https://api.example')).toBe(shown)
  })

  it.each([
    [{ HTTP_PROXY: 'http://a:1' }, 'http://a:1'],
    [{ HTTP_PROXY: 'http://a:1', REQUEST_METHOD: 'GET' }, null],
    [{ HTTPS_PROXY: 'http://a:1' }, null],
    [{ ALL_PROXY: 'https://a' }, 'https://a:443'],
  ])('%j leads to an http upstream on this machine through %s', (environment, shown) => {
    expect(proxyFor(environment as Record<string, string>, 'http://127.0.0.1:8080')).toBe(shown)
  })

  it('a wrong URL is refused by the name of its variable, and is not repeated', () => {
    expect(() => proxyFromEnvironment({ https_proxy: 'ftp://user:canary@a' })).toThrow(
      /^https_proxy must be an http, https or socks5 URL(?!.*canary)/,
    )
  })
})

describe('the URL of a proxy', () => {
  it('the URL of a proxy is shown without its login, which may hold encoded letters', () => {
    expect(proxyOf('http://user%40a:p%3Aw@[::1]:3128', 'proxy')).toEqual({
      kind: 'http',
      hostname: '::1',
      port: 3128,
      login: { user: 'user@a', password: 'p:w' },
      shown: 'http://…@[::1]:3128',
    })
    expect(proxyOf('http://user:100%@a', 'proxy').login).toEqual({ user: 'user', password: '100%' })
  })

  it.each(['', 'ftp://a', 'socks4://a', 'http://', 'http://a:99999'])('%j is no URL of a proxy', (text) => {
    expect(() => proxyOf(text, 'proxy')).toThrow(/^proxy must be/)
  })
})
