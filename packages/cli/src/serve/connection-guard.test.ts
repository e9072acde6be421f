import { spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { bin, ensureBuilt } from '../testing/built.js'
import { serving } from '../testing/serving.js'
import { guardConnections, maxConnections } from './connection-guard.js'

const patience = { timeout: 25_000 }

function client(port: number, text = ''): { socket: Socket; received: () => string } {
  const socket = connect({ port, host: '127.0.0.1' })
  onTestFinished(() => void socket.destroy())
  let received = ''
  socket.on('data', (chunk) => {
    received += String(chunk)
  })
  socket.on('error', () => {})
  if (text !== '') socket.write(text)
  return { socket, received: () => received }
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`

/** A guarded server with room for four connections that answers everything but `/hang`. */
async function guarded(): Promise<{ port: number; hanging: () => number }> {
  const server = createServer()
  let hanging = 0
  const listener = ({ url }: IncomingMessage, response: ServerResponse): void => {
    if (url === '/hang') hanging++
    else response.end('served')
  }
  server.on('request', guardConnections(server, 4)(listener))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { port: (server.address() as AddressInfo).port, hanging: () => hanging }
}

describe('the guard of connections', () => {
  it('requests above the limit get 503 with Retry-After, and health checks are answered', async () => {
    const { port, hanging } = await guarded()
    for (let count = 0; count < 4; count++) client(port, get('/hang'))
    // Only then are they busy, and not connections that have not asked yet.
    await vi.waitFor(() => expect(hanging()).toBe(4), patience)
    const refused = client(port, get('/v1/models'))
    await vi.waitFor(
      () => expect(refused.received()).toMatch(/^HTTP\/1\.1 503 .*retry-after: 1.*"overloaded"/is),
      patience,
    )
    expect(refused.received()).toMatch(/connection: close/i)
    const healthy = client(port, get('/healthz'))
    await vi.waitFor(() => expect(healthy.received()).toContain('served'), patience)
  })

  it('connections that never send a request make room for those that do', async () => {
    const { port } = await guarded()
    const silent = Array.from({ length: 12 }, () => client(port))
    await vi.waitFor(() => expect(silent.filter(({ socket }) => socket.destroyed).length).toBe(8), patience)
    const asking = client(port, get('/v1/models'))
    await vi.waitFor(() => expect(asking.received()).toContain('served'), patience)
  })

  it('idle connections make room for new ones', async () => {
    const { port } = await guarded()
    const idle = Array.from({ length: 4 }, () => client(port, get('/first')))
    await vi.waitFor(() => {
      for (const { received } of idle) expect(received()).toContain('served')
    }, patience)
    const asking = client(port, get('/second'))
    await vi.waitFor(() => expect(asking.received()).toMatch(/served|503/), patience)
    const after = client(port, get('/third'))
    await vi.waitFor(() => expect(after.received()).toContain('served'), patience)
  })

  it('half of the descriptors are left to connections to the upstream', () => {
    expect(maxConnections({ limit: 1024, used: 30 })).toBe(481)
    expect(maxConnections({ limit: 20, used: 30 })).toBe(1)
    expect(maxConnections(undefined)).toBe(Number.POSITIVE_INFINITY)
  })
})

describe.runIf(process.platform === 'linux')('serve with few file descriptors', () => {
  it('serve with 120 descriptors answers health checks and sheds requests with 503 under a flood', async () => {
    await ensureBuilt()
    let open = 0
    const upstream = await serving((request, response) => {
      request.resume()
      open++
      response.on('close', () => open--)
    })
    const args = ['serve', '--port', '0', '--store', 'memory:', '--base-url', upstream]
    const environment = { ...process.env, SILICONFLOW_API_KEY: 'sk-one-of-the-tests-0123456789abcdef' }
    const server = spawn('sh', ['-c', 'ulimit -n 120; exec "$0" "$@"', process.execPath, bin, ...args], {
      env: environment,
    })
    onTestFinished(() => void server.kill('SIGKILL'))
    let said = ''
    server.stderr.on('data', (chunk) => {
      said += String(chunk)
    })
    const port = await vi.waitFor(() => {
      const [, found] = /listening on http:\S+:(\d+)/.exec(said) ?? []
      if (found === undefined) throw new Error(said)
      return Number(found)
    }, patience)
    const body = '{"model":"m","messages":[]}'
    const chat = `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
    const health = 'GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n'
    const flood = [
      ...Array.from({ length: 100 }, () => client(port)),
      ...Array.from({ length: 100 }, () => client(port, chat)),
    ]
    await vi.waitFor(() => {
      expect(flood.filter(({ received }) => received().startsWith('HTTP/1.1 503 ')).length).toBeGreaterThan(0)
      expect(open).toBeGreaterThan(10)
    }, patience)
    const answered = await vi.waitFor(async () => {
      const asking = client(port, health)
      await new Promise((resolve) => asking.socket.once('close', resolve))
      expect(asking.received()).toMatch(/^HTTP\/1\.1 200 /)
      return asking.received()
    }, patience)
    expect(answered).toContain('200')
    for (const { socket } of flood) socket.destroy()
    await vi.waitFor(() => expect(open).toBe(0), patience)
    expect(server.exitCode).toBeNull()
  }, 60_000)
})
