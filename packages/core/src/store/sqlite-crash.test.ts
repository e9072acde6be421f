import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { sqliteStore } from './sqlite.js'
import type { Store } from './store.js'
import { storedKeys } from './testing/stored-keys.js'

// Below the repository, because the built child looks for libsql in the folders above it.
const root = fileURLToPath(new URL('../../../../tmp/', import.meta.url))
mkdirSync(root, { recursive: true })
const folder = mkdtempSync(join(root, 'sqlite-crash-'))
const child = join(folder, 'sqlite-child.js')

beforeAll(async () => {
  const entry = [fileURLToPath(new URL('./testing/sqlite-child.ts', import.meta.url))]
  await build({
    config: false,
    entry,
    outDir: folder,
    format: 'esm',
    skipNodeModulesBundle: true,
    silent: true,
    outExtension: () => ({ js: '.js' }),
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
  fileLimit,
}: ChildTask): Promise<ChildEnd> {
  const args = [child, path, String(from), String(count), ending, String(turns)]
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
  it('right after its keys were put has put them', async () => {
    const path = newPath()
    expect(await run({ path, count: 500, ending: 'die-after' })).toMatchObject({ signal: 'SIGKILL' })
    const store = await opened(path)
    expect((await store.load()).keys).toEqual(storedKeys(0, 500))
    expect(await store.revision()).toBe(1)
  })

  it.each([1, 20, 60, 79])(
    'in the middle of a long list (after %i turns) has put none of it',
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
describe.skipIf(process.platform === 'win32')('a disk that is full', () => {
  it.each([300, 2_000])(
    '(after %i KiB) stores nothing of the list and keeps what was there',
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
