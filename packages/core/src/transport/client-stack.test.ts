import { buildConnector, type Client, type Dispatcher } from 'undici'
import { expect, it, onTestFinished } from 'vitest'
import { answer, answering, type RawConnection, rawUpstream } from '../testing/raw-upstream.js'
import { ClientStack } from './client-stack.js'

const ok = answer('200 OK', [], 'ok')

function makeStack(origin: string): ClientStack {
  const stack = new ClientStack(origin, {
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: buildConnector({ timeout: 0 }),
  })
  onTestFinished(() => stack.close())
  return stack
}

/** Runs one request on a client and returns how it ended. */
function run(client: Client): Promise<'end' | 'error'> {
  return new Promise((resolve) => {
    const handler: Dispatcher.DispatchHandler = {
      onConnect: () => {},
      onHeaders: () => true,
      onData: () => true,
      onComplete: () => resolve('end'),
      onError: () => resolve('error'),
    }
    client.dispatch({ path: '/', method: 'GET' }, handler)
  })
}

/** Takes clients until the stack has to make a new one. The clients that were free, the last returned first. */
function freeClients(stack: ClientStack, known: ReadonlySet<Client>): Client[] {
  const free: Client[] = []
  for (let client = stack.take(); known.has(client); client = stack.take()) free.push(client)
  return free
}

/** A stack that has run one request on each of some clients. */
async function usedStack(
  script: (connection: RawConnection) => void | Promise<void>,
  count: number,
): Promise<{ stack: ClientStack; clients: Client[]; ends: string[] }> {
  const stack = makeStack((await rawUpstream(script)).origin)
  const clients = Array.from({ length: count }, () => stack.take())
  const ends = await Promise.all(clients.map(run))
  // Clients return a few turns of the event loop after their request is over.
  await new Promise((resolve) => setTimeout(resolve, 30))
  return { stack, clients, ends }
}

it('the stack makes a client for each request that runs', () => {
  const stack = makeStack('http://127.0.0.1:1')
  expect(stack.take()).not.toBe(stack.take())
})

it.each<[string, string, (connection: RawConnection) => void | Promise<void>]>([
  ['an answer', 'end', answering(ok, ok, ok)],
  [
    'an answer that closes the connection',
    'end',
    answering(...Array.from({ length: 3 }, () => answer('200 OK', ['connection: close']))),
  ],
  ['a reset', 'error', ({ socket }) => void socket.resetAndDestroy()],
  [
    'an answer that is cut',
    'error',
    ({ socket }) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n'),
  ],
])('a client returns to the stack exactly once after %s', async (_what, end, script) => {
  const { stack, clients, ends } = await usedStack(script, 3)
  expect(ends).toEqual([end, end, end])
  const free = freeClients(stack, new Set(clients))
  expect(free).toHaveLength(3)
  expect(new Set(free)).toEqual(new Set(clients))
})

it('a client returns to the stack after its connection was refused', async () => {
  const upstream = await rawUpstream(() => {})
  await upstream.close()
  const stack = makeStack(upstream.origin)
  const client = stack.take()
  expect(await run(client)).toBe('error')
  await expect.poll(() => stack.take() === client).toBe(true)
})

it('the client that returned last is taken first, so that the others can time out', async () => {
  const stack = makeStack((await rawUpstream(answering(...Array.from({ length: 4 }, () => ok)))).origin)
  const [first, second] = [stack.take(), stack.take()]
  stack.giveBack(first)
  stack.giveBack(second)
  expect(stack.take()).toBe(second)
  expect(stack.take()).toBe(first)
})

it('a client that is given back twice returns to the stack once', () => {
  const stack = makeStack('http://127.0.0.1:1')
  const client = stack.take()
  stack.giveBack(client)
  stack.giveBack(client)
  expect(stack.take()).toBe(client)
  expect(stack.take()).not.toBe(client)
})

it('a discarded client never returns to the stack and ends its connection', async () => {
  const upstream = await rawUpstream(() => {})
  const stack = makeStack(upstream.origin)
  const client = stack.take()
  const running = run(client)
  await expect.poll(() => upstream.connections[0]?.received).toContain('GET /')
  stack.discard(client)
  expect(await running).toBe('error')
  await expect.poll(() => upstream.connections[0]?.isClosed).toBe(true)
  expect(freeClients(stack, new Set([client]))).toEqual([])
  expect(client.destroyed).toBe(true)
})

it('the stack keeps no more than 256 idle clients after a burst', async () => {
  const { stack, clients } = await usedStack(answering(...Array.from({ length: 300 }, () => ok)), 300)
  await expect.poll(() => clients.filter(({ destroyed }) => destroyed)).toHaveLength(44)
  const free = freeClients(stack, new Set(clients))
  expect(free).toHaveLength(256)
  expect(free.filter(({ destroyed }) => destroyed)).toEqual([])
})

it('closing the stack ends idle and busy clients, and no client returns afterwards', async () => {
  const { stack, clients } = await usedStack(answering(ok, ok), 2)
  const busy = stack.take()
  await stack.close()
  stack.giveBack(busy)
  expect(clients.map(({ destroyed }) => destroyed)).toEqual([true, true])
  expect(stack.take()).not.toBe(busy)
})
