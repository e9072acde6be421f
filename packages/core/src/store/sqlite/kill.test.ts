import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sized } from '../../testing/sized.js'
import type { JournalEntry, StoredRecord } from '../records.js'
import type { StoredKey } from '../store.js'
import { storedKey, storedKeys } from '../testing/stored-keys.js'
import { clientOf, fileOfVersion3 } from './testing/old-files.js'
import { filesWith } from './testing/raw-files.js'

// Below the repository, because the built child looks for libsql in the folders above it.
const temporary = fileURLToPath(new URL('../../../../../tmp/', import.meta.url))
mkdirSync(temporary, { recursive: true })
const root = mkdtempSync(join(temporary, 'sqlite-kill-'))
const child = join(root, 'sealed-child.js')
/** A file of an earlier version, of which each test takes copies. */
const old = join(root, 'old.db')

beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL('./testing/sealed-child.ts', import.meta.url))],
    outfile: child,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  })
  const client = clientOf(await fileOfVersion3(old, 300))
  await client.execute('PRAGMA wal_checkpoint(TRUNCATE)')
  client.close()
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

let placeCount = 0
function newPlace(): { folder: string; path: string } {
  const folder = join(root, String(placeCount++))
  mkdirSync(folder)
  return { folder, path: join(folder, 'keys.db') }
}

/** Pseudo-random numbers, so that a failure can be repeated as far as the machine allows. */
let state = 20_261_201
function below(limit: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return Math.floor((state / 2 ** 32) * limit)
}

/** Starts the process, kills it some time after it said its first line, and resolves with what it said. */
async function killed(
  path: string,
  work: string,
  { from = 0, within, backups = [] }: { from?: number; within: number; backups?: readonly string[] },
) {
  const delayMs = below(within)
  // Nothing depends on when it happens: any moment must do.
  const kill = (running: ChildProcess): void => void setTimeout(() => running.kill('SIGKILL'), delayMs)
  return (await ran([path, work, String(from), ...backups], kill)).split('\n').slice(0, -1)
}

function ran(args: readonly string[], atFirstWord: (running: ChildProcess) => void = () => {}) {
  const running = spawn(process.execPath, [child, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  running.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (said === '') atFirstWord(running)
    said += text
  })
  return new Promise<string>((resolve) => running.once('close', () => resolve(said)))
}

interface Found {
  readonly keys: readonly StoredKey[]
  readonly records: readonly StoredRecord[]
  readonly entries: readonly JournalEntry[]
  readonly integrity: readonly string[]
}

/**
 * What a store holds. Another process looks: this one reads the raw files, and closing a file drops the locks that
 * SQLite has on it, for all connections of the process. A database that loses its locks loses commits.
 */
async function foundIn(path: string): Promise<Found> {
  const found = JSON.parse((await ran([path, 'look'])).split('\n')[1] ?? '') as Found
  expect(found.integrity).toEqual(['ok'])
  return found
}

const contentOf = async (path: string): Promise<readonly StoredKey[]> => (await foundIn(path)).keys

/** A kill takes half a second, most of it to start the process. */
const timeout = sized(180_000, 3_600_000)

describe('a process that is killed at any moment', { timeout }, () => {
  it('all that it said about its keys holds, and no secret is in clear', async () => {
    const { folder, path } = newPlace()
    let expected = new Map<string, StoredKey>()
    let next = 0
    for (let round = 0; round < sized(6, 200); round++) {
      const said = await killed(path, 'keys', { from: next, within: 250 })
      for (const [word, number] of said.map((line) => line.split(' '))) {
        const n = Number(number)
        if (word === 'put') expected.set(storedKey(n).id, storedKey(n))
        if (word === 'removed') expected.delete(storedKey(n).id)
        if (word === 'changed')
          expected.set(storedKey(n).id, storedKey(n, { label: 'again', enabled: false }))
        if (word !== 'started') next = n + 1
      }
      expect(filesWith(folder, 'sk-fake')).toEqual([])
      // The step that it had not said yet may have been done.
      const open = new Set([storedKey(next - 1).id, storedKey(next).id])
      const found = await contentOf(path)
      const known = (keys: Iterable<StoredKey>): Map<string, StoredKey> =>
        new Map([...keys].filter(({ id }) => !open.has(id)).map((key) => [key.id, key]))
      expect(known(found)).toEqual(known(expected.values()))
      expected = new Map(found.map((key) => [key.id, key]))
      next += 1
    }
  })

  it('all that it said about its records holds, each with its entry, and no secret is in clear', async () => {
    const { folder, path } = newPlace()
    const removed = new Set<number>()
    let next = 1
    for (let round = 0; round < sized(6, 200); round++) {
      const said = await killed(path, 'records', { from: next, within: 250 })
      for (const [word, number] of said.map((line) => line.split(' '))) {
        if (word === 'removed') removed.add(Number(number))
        if (word !== 'started') next = Number(number) + 1
      }
      expect(filesWith(folder, 'sk-fake')).toEqual([])
      const { records, entries } = await foundIn(path)
      // The step that it had not said yet may have been done, and is not done again.
      const last = Number(entries[0]?.value ?? 0)
      expect([next - 1, next]).toContain(last)
      expect(entries.map(({ value }) => value)).toEqual(Array.from({ length: last }, (_, n) => last - n))
      const found = new Map(records.map(({ id, secret }) => [id, secret]))
      for (let n = 1; n <= last; n++) {
        // The last one may have been removed without a word.
        if (n % 3 === 0 && (removed.has(n) || !found.has(`webhook-${n}`))) removed.add(n)
        expect(found.get(`webhook-${n}`)).toBe(removed.has(n) ? undefined : `sk-fake-record-${n}`)
      }
      next = last + 1
    }
  })

  it('a killed restore leaves the store of before or the one of the backup, whole', async () => {
    const { folder, path } = newPlace()
    const backups = [join(folder, 'backups', 'small.db'), join(folder, 'backups', 'large.db')]
    copyFileSync(old, path)
    await contentOf(path)
    const [small = '', large = ''] = backups
    await killed(path, 'backup', { within: 1, backups: [small] })
    while (!existsSync(small)) await killed(path, 'backup', { within: 200, backups: [small] })
    await killed(path, 'keys', { from: 1_000, within: 250 })
    const after = await contentOf(path)
    while (!existsSync(large)) await killed(path, 'backup', { within: 200, backups: [large] })
    let next = 0
    for (let round = 0; round < sized(6, 200); round++) {
      const said = await killed(path, 'restore', { from: next, within: 300, backups })
      const done = said.filter((line) => line.startsWith('restored ')).length
      next += done
      expect(filesWith(folder, 'sk-fake')).toEqual([])
      const keys = await contentOf(path)
      // What it said last is there, or what it was doing then.
      const restored = (n: number) => (n % 2 === 0 ? storedKeys(0, 300) : after)
      const possible = next === 0 ? [after, restored(0)] : [restored(next - 1), restored(next)]
      expect(possible.map(({ length }) => length)).toContain(keys.length)
      expect(possible).toContainEqual(keys)
    }
    for (const backup of backups) expect(filesWith(join(backup, '..'), 'sk-fake')).toEqual([])
  })

  it('a killed backup leaves the one of before or the new one, whole', async () => {
    const { folder, path } = newPlace()
    const backup = join(folder, 'backup.db')
    copyFileSync(old, path)
    await contentOf(path)
    for (let round = 0; round < sized(3, 40); round++) {
      await killed(path, 'backup', { within: 200, backups: [backup] })
      expect(filesWith(folder, 'sk-fake')).toEqual([])
      if (existsSync(backup)) expect(await contentOf(backup)).toEqual(storedKeys(0, 300))
    }
  })

  it('a killed rotation leaves a store that opens, with every key', async () => {
    const { folder, path } = newPlace()
    copyFileSync(old, path)
    await contentOf(path)
    for (let round = 0; round < sized(6, 200); round++) {
      await killed(path, 'rotate', { within: 300 })
      expect(filesWith(folder, 'sk-fake')).toEqual([])
      expect(await contentOf(path)).toEqual(storedKeys(0, 300))
      expect(filesWith(folder, 'sk-fake')).toEqual([])
    }
  })

  it('a killed migration leaves a store that opens, and the next opening leaves no secret in clear', async () => {
    for (let round = 0; round < sized(6, 200); round++) {
      const { folder, path } = newPlace()
      copyFileSync(old, path)
      const said = await killed(path, 'migrate', { within: 150 })
      if (said.includes('open')) expect(filesWith(folder, 'sk-fake')).toEqual([])
      expect(await contentOf(path)).toEqual(storedKeys(0, 300))
      expect(filesWith(folder, 'sk-fake')).toEqual([])
      rmSync(folder, { recursive: true })
    }
  })
})
