import { BlockList, isIP } from 'node:net'

/** Whether a host and port are reached without a proxy. */
export type IsDirect = (hostname: string, port: number) => boolean

/**
 * Reads a list like NO_PROXY, as curl and Go read it: entries separated by commas or spaces. `*` is every host;
 * `example.com`, `.example.com` and `*.example.com` are the domain and all below it; an address is itself, and
 * `10.0.0.0/8` a range of addresses. A port behind an entry narrows it to that port. Names are not resolved.
 */
export function noProxy(list: string): IsDirect {
  const tests = list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map((entry) => testOf(entry.toLowerCase()))
  return (hostname, port) => {
    const host = hostname
      .toLowerCase()
      .replace(/^\[|\]$/g, '')
      .replace(/\.$/, '')
    return tests.some((test) => test(host, port))
  }
}

function testOf(entry: string): IsDirect {
  if (entry === '*') return () => true
  const range = /^\[?([0-9a-f.:]+)\]?\/(\d{1,3})$/.exec(entry)
  if (range !== null) return inRange(range[1] as string, Number(range[2]))
  const { name, port } = splitPort(entry)
  const isHost = isIP(name) === 0 ? inDomain(name.replace(/^\*?\./, '').replace(/\.$/, '')) : isAddress(name)
  return (host, at) => (port === null || port === at) && isHost(host)
}

/** Splits `name:port`; an IPv6 address has a port only behind brackets. */
function splitPort(entry: string): { name: string; port: number | null } {
  const bracketed = /^\[([0-9a-f.:]+)\](?::(\d+))?$/.exec(entry)
  if (bracketed !== null)
    return { name: bracketed[1] as string, port: bracketed[2] === undefined ? null : Number(bracketed[2]) }
  const named = /^([^:]+):(\d+)$/.exec(entry)
  return named === null ? { name: entry, port: null } : { name: named[1] as string, port: Number(named[2]) }
}

const inDomain =
  (name: string) =>
  (host: string): boolean =>
    name !== '' && (host === name || host.endsWith(`.${name}`))

/** Compares addresses, which have several spellings. */
function isAddress(address: string): (host: string) => boolean {
  const list = new BlockList()
  list.addAddress(address, familyOf(address))
  return (host) => isIP(host) !== 0 && list.check(host, familyOf(host))
}

function inRange(address: string, prefix: number): IsDirect {
  const family = familyOf(address)
  if (isIP(address) === 0 || prefix > (family === 'ipv4' ? 32 : 128)) return () => false
  const list = new BlockList()
  list.addSubnet(address, prefix, family)
  return (host) => isIP(host) !== 0 && list.check(host, familyOf(host))
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (address.includes(':') ? 'ipv6' : 'ipv4')
