import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Store } from '../store.js'
import type { StoredUsage } from '../stored-usage.js'
import { storedKeys } from '../testing/stored-keys.js'
import { storedUsage } from '../testing/stored-usage.js'
import { sqliteStore } from './sqlite-store.js'

// Below the repository, because the built child looks for libsql in the folders above it.
const root = fileURLToPath(new URL('../../../../../tmp/', import.meta.url))
mkdirSync(root, { recursive: true })
const folder = mkdtempSync(join(root, 'sqlite-crash-'))
const child = join(folder, 'sqlite-child.js')

beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL('./testing/sqlite-child.ts', import.meta.url))],
    outfile: child,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let fileCount = 0
const newPath = (): string => join(folder, `store-${fileCount++}.db`)

interface ChildTask {
  readonly path: string
  readonly from?: number
  readonly count: number
  readonly ending?: 'close' | 'die-after' | 'die-during'
  readonly turns?: number
  readonly work?: 'keys' | 'usage'
  /** Largest file the child may write, in blocks of 1024 bytes. */
  readonly fileLimit?: number
}

interface ChildEnd {
  readonly code: number | null
  readonly signal: string | null
  readonly output: string
}

function run({
  path,
  from = 0,
  count,
  ending = 'close',
  turns = 0,
  work = 'keys',
  fileLimit,
}: ChildTask): Promise<ChildEnd> {
  const args = [child, path, String(from), String(count), ending, String(turns), work]
  const [command, given]: [string, string[]] =
    fileLimit === undefined
      ? [process.execPath, args]
      : ['bash', ['-c', `ulimit -f ${fileLimit}; exec "$@"`, 'bash', process.execPath, ...args]]
  const running = spawn(command, given, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  running.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  return new Promise((resolve, reject) => {
    running.on('error', reject)
    running.on('close', (code, signal) => resolve({ code, signal, output }))
  })
}

async function opened(path: string): Promise<Store> {
  const store = await sqliteStore({ path })
  onTestFinished(() => store.close())
  return store
}

describe('a process that is killed', () => {
  it('a process that is killed right after its keys were put has put them', async () => {
    const path = newPath()
    expect(await run({ path, count: 500, ending: 'die-after' })).toMatchObject({ signal: 'SIGKILL' })
    const store = await opened(path)
    expect((await store.load()).keys).toEqual(storedKeys(0, 500))
    expect(await store.revision()).toBe(1)
  })

  it.each([1, 20, 60, 79])(
    'a process that is killed in the middle of a long list (after %i turns) has put none of it',
    async (turns) => {
      const path = newPath()
      const earlier = await opened(path)
      await earlier.putKeys(storedKeys(0, 10))
      const end = await run({ path, from: 5, count: 20_000, ending: 'die-during', turns })
      expect(end).toMatchObject({ signal: 'SIGKILL' })
      const store = await opened(path)
      expect((await store.load()).keys).toEqual(storedKeys(0, 10))
      expect(await store.revision()).toBe(1)
      await store.putKeys(storedKeys(10, 5))
      expect((await earlier.load()).keys).toEqual(storedKeys(0, 15))
    },
  )
})

describe('a process that adds usage', () => {
  const sumsOf = async (store: Store) => {
    const rows: StoredUsage[] = []
    await store.readUsage({ book: 'keys', from: 0, to: 99_999 }, (part) => rows.push(...part))
    const requests = rows.reduce((sum, row) => sum + row.requests, 0)
    return { rows: rows.length, requests, spent: (await store.load()).balances[0]?.spent.any }
  }
  const withBalance = async (path: string): Promise<Store> => {
    const store = await opened(path)
    await store.putKeys(storedKeys(0, 1))
    const baseline = { source: 'estimated' as const, amount: 10n, funds: null, currency: 'CNY', at: 1 }
    await store.putBalances([
      { upstream: 'default', id: 'key-0', baseline, spent: { any: 0n, charged: 0n, unknown: 0 } },
    ])
    return store
  }

  it('a process that is killed right after it added usage has added all of it', async () => {
    const path = newPath()
    const store = await withBalance(path)
    await run({ path, count: 500, ending: 'die-after', work: 'usage' })
    expect(await sumsOf(store)).toEqual({ rows: 500, requests: 500, spent: 3n })
  })

  it.each([1, 20, 40])(
    'a process that is killed while it adds usage (after %i turns) has added nothing',
    async (turns) => {
      const path = newPath()
      const store = await withBalance(path)
      const end = await run({ path, count: 20_000, ending: 'die-during', turns, work: 'usage' })
      expect(end).toMatchObject({ signal: 'SIGKILL' })
      expect(await sumsOf(store)).toEqual({ rows: 0, requests: 0, spent: 0n })
      await store.addUsage({ usage: [storedUsage()], spent: [], balances: [] })
      expect(await sumsOf(await opened(path))).toMatchObject({ rows: 1 })
    },
  )

  it('processes that add usage at the same time all count in every sum', async () => {
    const path = newPath()
    const store = await withBalance(path)
    await Promise.all([1, 2, 3].map(() => run({ path, count: 2_000, work: 'usage' })))
    expect(await sumsOf(store)).toEqual({ rows: 2_000, requests: 6_000, spent: 9n })
  })
})

it('processes that create the store and put at once keep every list', async () => {
  const path = newPath()
  const ends = await Promise.all([0, 5_000, 10_000].map((from) => run({ path, from, count: 5_000 })))
  expect(ends).toEqual(ends.map(() => ({ code: 0, signal: null, output: '' })))
  const store = await opened(path)
  const ids = (await store.load()).keys.map((key) => key.id)
  expect(ids).toHaveLength(15_000)
  expect(new Set(ids)).toEqual(new Set(storedKeys(0, 15_000).map((key) => key.id)))
  expect(await store.revision()).toBe(3)
})

it('a process sees through the revision that another has put keys', async () => {
  const path = newPath()
  const store = await opened(path)
  const before = await store.revision()
  await run({ path, count: 3 })
  expect(await store.revision()).toBeGreaterThan(before)
  expect((await store.load()).keys).toEqual(storedKeys(0, 3))
})

// Windows knows no limit on a process's files.
describe.skipIf(process.platform === 'win32')('a full disk', () => {
  it.each([300, 2_000])(
    'a disk that is full after %i KiB holds nothing of the list, and all that was stored before',
    async (fileLimit) => {
      const path = newPath()
      const earlier = await opened(path)
      await earlier.putKeys(storedKeys(0, 10))
      const end = await run({ path, from: 0, count: 20_000, fileLimit })
      expect(JSON.parse(end.output)).toMatchObject({
        code: 'store_failed',
        isOurs: true,
        message: expect.stringContaining('disk'),
      })
      expect(end.output).not.toContain('sk-fake')
      const store = await opened(path)
      expect((await store.load()).keys).toEqual(storedKeys(0, 10))
      await store.putKeys(storedKeys(10, 1))
      expect((await store.load()).keys).toEqual(storedKeys(0, 11))
    },
  )
})
