import { createServer as createHttpServer, request as httpRequest, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { onTestFinished } from 'vitest'

/** A proxy on a loopback port, closed when the test ends. */
export interface TestProxy {
  readonly port: number
  /** What it was asked for, as in `CONNECT 127.0.0.1:443`, with the login that came with it. */
  readonly asked: string[]
  /** Connections from its client that are open. */
  open(): number
  /** From now on it takes connections and answers nothing. */
  fallSilent(): void
}

export interface TestProxyOptions {
  /** `user:password` that it asks for. @default none */
  readonly login?: string
  /** Key and certificate with which it is an HTTPS proxy. @default plain HTTP */
  readonly tls?: { readonly key: string; readonly cert: string }
}

/** Starts an HTTP proxy that opens tunnels by CONNECT and forwards requests with whole URLs. */
export async function httpProxy({ login, tls }: TestProxyOptions = {}): Promise<TestProxy> {
  const asked: string[] = []
  const server = tls === undefined ? createHttpServer() : createHttpsServer(tls)
  const facts = watchServer(server)
  const isRefused = (given: string | undefined): boolean =>
    login !== undefined && given !== `Basic ${Buffer.from(login).toString('base64')}`
  server.on('connect', (request, client: Duplex) => {
    client.on('error', () => client.destroy())
    if (facts.isSilent()) return void client.resume().on('end', () => client.destroy())
    asked.push(`CONNECT ${request.url}`)
    if (isRefused(request.headers['proxy-authorization']))
      return client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    const { hostname, port } = new URL(`http://${request.url}`)
    splice(client, hostname, Number(port === '' ? 80 : port), 'HTTP/1.1 200 Connection established\r\n\r\n')
  })
  server.on('request', (request, response) => {
    asked.push(`${request.method} ${request.url}`)
    if (isRefused(request.headers['proxy-authorization'])) return response.writeHead(407).end()
    const { 'proxy-authorization': _, ...headers } = request.headers
    const onward = httpRequest(request.url ?? '', { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
      response.on('close', () => answer.destroy())
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  return { asked, port: await listening(server), ...facts }
}

/** Starts a SOCKS5 proxy (RFC 1928), with the login of RFC 1929 if one is given. */
export async function socks5Proxy({ login }: Pick<TestProxyOptions, 'login'> = {}): Promise<TestProxy> {
  const asked: string[] = []
  const server = createServer()
  const facts = watchServer(server)
  server.on('connection', (client: Socket) => {
    client.on('error', () => client.destroy())
    if (!facts.isSilent()) void serveSocks(client, login, asked).catch(() => client.destroy())
  })
  return { asked, port: await listening(server), ...facts }
}

async function serveSocks(client: Socket, login: string | undefined, asked: string[]): Promise<void> {
  const next = reader(client)
  const [, count = 0] = await next(2)
  const methods = await next(count)
  const method = login === undefined ? 0 : 2
  if (!methods.includes(method)) return void client.end(Buffer.from([5, 0xff]))
  client.write(Buffer.from([5, method]))
  if (login !== undefined) {
    const [, userLength = 0] = await next(2)
    const user = await next(userLength)
    const [passwordLength = 0] = await next(1)
    const isRight = `${user}:${await next(passwordLength)}` === login
    client.write(Buffer.from([1, isRight ? 0 : 1]))
    if (!isRight) return void client.end()
  }
  const [, , , type] = await next(4)
  const host = await hostOf(type ?? 0, next)
  const port = (await next(2)).readUInt16BE()
  asked.push(`${host}:${port}`)
  next.end()
  splice(
    client,
    host,
    port,
    Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
    Buffer.from([5, 5, 0, 1, 0, 0, 0, 0, 0, 0]),
  )
}

type Next = ((count: number) => Promise<Buffer>) & { end(): void }

async function hostOf(type: number, next: Next): Promise<string> {
  if (type === 1) return [...(await next(4))].join('.')
  if (type === 3) return String(await next((await next(1))[0] ?? 0))
  return (await next(16)).toString('hex').replace(/(.{4})(?=.)/g, '$1:')
}

function reader(client: Socket): Next {
  let held = Buffer.alloc(0)
  let wake = (): void => {}
  const onData = (chunk: Buffer): void => {
    held = Buffer.concat([held, chunk])
    wake()
  }
  client.on('data', onData)
  const next = async (count: number): Promise<Buffer> => {
    while (held.length < count) await new Promise<void>((resolve) => (wake = resolve))
    const taken = held.subarray(0, count)
    held = held.subarray(count)
    return taken
  }
  return Object.assign(next, {
    end: () => {
      client.off('data', onData)
      client.pause()
    },
  })
}

function splice(
  client: Duplex,
  host: string,
  port: number,
  accepted: string | Buffer,
  refused: string | Buffer = 'HTTP/1.1 502 Bad Gateway\r\n\r\n',
): void {
  const onward = connect({ host, port, autoSelectFamily: true })
  onward.on('error', () => client.end(refused))
  onward.on('connect', () => {
    client.write(accepted)
    client.pipe(onward).pipe(client)
  })
  client.on('close', () => onward.destroy())
  onward.on('close', () => client.destroy())
}

function watchServer(server: Server | ReturnType<typeof createServer>) {
  const sockets = new Set<Socket>()
  let isSilent = false
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return {
    open: () => sockets.size,
    fallSilent: () => {
      isSilent = true
    },
    isSilent: () => isSilent,
  }
}

async function listening(server: Server | ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
