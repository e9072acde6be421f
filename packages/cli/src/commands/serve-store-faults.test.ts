import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { keysOf, makeScenario, startSimulator } from '@sfpool/simulator'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { ensureBuilt } from '../testing/built.js'
import { createHome, type Home } from '../testing/run-cli.js'
import { startServer } from '../testing/served.js'
import { testKey } from '../testing/test-key.js'

beforeAll(ensureBuilt)

const store = ['--store', 'file:pool.db']

/** A server with a key in a file, in front of the simulator. */
async function serving(home: Home, flags: readonly string[] = []) {
  const scenario = makeScenario({ accounts: 1 })
  const [secret = ''] = keysOf(scenario)
  const upstream = await startSimulator({ scenario })
  onTestFinished(() => upstream.close())
  await home.runBuilt(['add', secret, ...store])
  const args = [...store, '--save-delay-ms', '20', ...flags]
  const served = await startServer(home, { upstream, args, options: {} })
  onTestFinished(() => served[Symbol.asyncDispose]())
  const readiness = async () => {
    const answer = await fetch(`${served.origin}/readyz`)
    return { code: answer.status, ...((await answer.json()) as { status: string; store?: string }) }
  }
  const untilReady = (expected: object) =>
    vi.waitFor(async () => expect(await readiness()).toEqual({ code: 200, status: 'ready', ...expected }), {
      timeout: 60_000,
      interval: 20,
    })
  const chats = async (count: number) => {
    for (let n = 0; n < count; n++) expect((await served.chat()).status).toBe(200)
  }
  return { ...served, secret, untilReady, chats }
}

/** The number of requests that are stored for the only key. */
async function storedRequests(home: Home): Promise<number> {
  const { stdout } = await home.runBuilt(['list', '--json', ...store])
  return (JSON.parse(stdout) as { items: { requests: number }[] }).items[0]?.requests ?? 0
}

const canLimit = spawnSync('prlimit', ['--version']).status === 0

describe.skipIf(!canLimit)('a disk that is full', () => {
  it('the server serves on, says it once, and writes all of it when there is room again', async () => {
    using home = createHome()
    const { running, untilReady, chats } = await serving(home)
    await chats(2)
    await untilReady({})
    const limit = (size: string) =>
      execFileSync('prlimit', ['--pid', String(running.pid), `--fsize=${size}:`])
    limit('4096')
    await chats(3)
    await untilReady({ store: expect.stringMatching(/^failing: .*(?:disk|file size)/) })
    await chats(3)
    limit('unlimited')
    await untilReady({})
    await running.seen(/store: it works again/)
    expect(running.stderr().match(/could not write to the key store/g)).toHaveLength(1)
    // What was acknowledged is there, however the process ends.
    await vi.waitFor(async () => expect(await storedRequests(home)).toBe(8), { timeout: 60_000 })
    running.kill('SIGKILL')
    await running.ended
    expect(await storedRequests(home)).toBe(8)
  })
})

describe.skipIf(process.platform === 'win32')('the file of a store that is in use', () => {
  it('the server serves on while its file is away, and writes all of it when it is back', async () => {
    using home = createHome()
    const { running, untilReady, chats } = await serving(home)
    await chats(1)
    for (const name of ['pool.db', 'pool.db-wal']) renameSync(home.path(name), home.path(`away-${name}`))
    await untilReady({ store: expect.stringContaining('failing: it was deleted while it was in use') })
    await chats(3)
    for (const name of ['pool.db', 'pool.db-wal']) renameSync(home.path(`away-${name}`), home.path(name))
    await untilReady({})
    running.kill('SIGTERM')
    await running.ended
    expect(await storedRequests(home)).toBe(4)
  })

  it('the server serves on with a damaged file, and says what is wrong', async () => {
    using home = createHome()
    const { running, untilReady, chats } = await serving(home)
    await chats(1)
    writeFileSync(home.path('pool.db-wal'), '')
    writeFileSync(home.path('pool.db'), Buffer.alloc(readFileSync(home.path('pool.db')).length, 'damaged '))
    await untilReady({
      store: expect.stringMatching(/^failing: .*(?:damaged|not a SQLite database|read or write)/),
    })
    await chats(3)
    expect(running.stderr()).toMatch(/store: could not \S+ (?:to )?the key store/)
    const { code, stderr } = await home.runBuilt(['add', testKey('another'), ...store])
    expect(code).toBe(2)
    expect(stderr).toMatch(/damaged|not a SQLite database/)
  })
})
