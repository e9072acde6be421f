import { isIP, isIPv4 } from 'node:net'
import type { Handshake } from './handshake.js'
import type { ProxyAddress } from './proxy-options.js'

/** The replies of RFC 1928, section 6. */
const replies: Readonly<Record<number, string>> = {
  1: 'general failure',
  2: 'its rules do not allow the connection',
  3: 'the network is unreachable',
  4: 'the host is unreachable',
  5: 'the connection was refused',
  6: 'the time to live has expired',
  7: 'it does not know the command',
  8: 'it does not know the type of address',
}

/**
 * Asks a SOCKS5 proxy for a connection (RFC 1928, and RFC 1929 for the login). The proxy resolves the name: where a
 * proxy is needed, names often resolve wrongly or not at all.
 */
export async function openSocks5(
  { login }: ProxyAddress,
  handshake: Handshake,
  { hostname, port }: { hostname: string; port: number },
): Promise<void> {
  handshake.write(login === null ? Buffer.from([5, 1, 0]) : Buffer.from([5, 2, 0, 2]))
  const [version, method] = await handshake.take(2)
  if (version !== 5) throw new Error('the proxy does not answer like a SOCKS5 proxy')
  if (method === 2 && login !== null) await logIn(login, handshake)
  else if (method !== 0)
    throw new Error(login === null ? 'the proxy asks for a login' : 'the proxy does not accept a login')
  const target = Buffer.alloc(2)
  target.writeUInt16BE(port)
  handshake.write(Buffer.concat([Buffer.from([5, 1, 0]), addressOf(hostname), target]))
  const [, reply, , type] = await handshake.take(4)
  if (reply !== 0) throw new Error(`the proxy refused: ${replies[reply ?? 1] ?? `reply ${reply}`}`)
  const length = type === 1 ? 4 : type === 4 ? 16 : ((await handshake.take(1))[0] ?? 0)
  await handshake.take(length + 2)
}

async function logIn(
  { user, password }: { user: string; password: string },
  handshake: Handshake,
): Promise<void> {
  handshake.write(Buffer.concat([Buffer.from([1]), withLength(user), withLength(password)]))
  const [, status] = await handshake.take(2)
  if (status !== 0) throw new Error('the proxy refused the login')
}

function addressOf(hostname: string): Buffer {
  if (isIPv4(hostname)) return Buffer.from([1, ...hostname.split('.').map(Number)])
  if (isIP(hostname) === 6) return Buffer.from([4, ...ipv6Bytes(hostname)])
  return Buffer.concat([Buffer.from([3]), withLength(hostname)])
}

function withLength(text: string): Buffer {
  const bytes = Buffer.from(text)
  if (bytes.length > 255) throw new Error('the proxy takes names, users and passwords up to 255 bytes')
  return Buffer.concat([Buffer.from([bytes.length]), bytes])
}

/** The 16 bytes of an address. A URL writes it in groups only, even where it was given with dots. */
function ipv6Bytes(address: string): number[] {
  const written = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1)
  const [head = '', tail] = written.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after]
  return groups.flatMap((group) => {
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 255]
  })
}
