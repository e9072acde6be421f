import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sized } from '../../testing/sized.js'
import type { StoredKey } from '../store.js'
import { storedKey, storedKeys } from '../testing/stored-keys.js'
import { sqliteStore } from './sqlite-store.js'
import { clientOf, fileOfVersion3 } from './testing/old-files.js'
import { filesWith } from './testing/raw-files.js'

// Below the repository, because the built child looks for libsql in the folders above it.
const temporary = fileURLToPath(new URL('../../../../../tmp/', import.meta.url))
mkdirSync(temporary, { recursive: true })
const root = mkdtempSync(join(temporary, 'sqlite-kill-'))
const child = join(root, 'sealed-child.js')

beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL('./testing/sealed-child.ts', import.meta.url))],
    outfile: child,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  })
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
async function killed(path: string, work: string, { from = 0, within }: { from?: number; within: number }) {
  const running = spawn(process.execPath, [child, path, work, String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const end = new Promise((resolve) => running.once('close', resolve))
  let said = ''
  running.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (said === '') killLater(running, below(within))
    said += text
  })
  await end
  return said.split('\n').slice(0, -1)
}

/** Nothing depends on when it happens: any moment must do. */
function killLater(running: ChildProcess, delayMs: number): void {
  setTimeout(() => running.kill('SIGKILL'), delayMs)
}

async function contentOf(path: string): Promise<readonly StoredKey[]> {
  const store = await sqliteStore({ path })
  try {
    return (await store.load()).keys
  } finally {
    await store.close()
  }
}

async function expectWhole(path: string): Promise<void> {
  const client = clientOf(path)
  const { rows } = await client.execute('PRAGMA integrity_check')
  client.close()
  expect(rows.map((row) => row.integrity_check)).toEqual(['ok'])
}

/** A kill takes half a second, most of it to start the process. */
const timeout = sized(180_000, 3_600_000)

describe('a process that is killed at any moment', { timeout }, () => {
  it('all that it said about its keys holds, and no secret is in clear', async () => {
    const { folder, path } = newPlace()
    let expected = new Map<string, StoredKey>()
    let next = 0
    for (let round = 0; round < sized(6, 340); round++) {
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
    await expectWhole(path)
  })

  it('a killed rotation leaves a store that opens, with every key', async () => {
    const { folder, path } = newPlace()
    const store = await sqliteStore({ path })
    await store.putKeys(storedKeys(0, 400))
    await store.close()
    for (let round = 0; round < sized(6, 340); round++) {
      await killed(path, 'rotate', { within: 300 })
      expect(filesWith(folder, 'sk-fake')).toEqual([])
      expect(await contentOf(path)).toEqual(storedKeys(0, 400))
      expect(filesWith(folder, 'sk-fake')).toEqual([])
    }
    await expectWhole(path)
  })

  it('a killed migration leaves a store that opens, and the next opening leaves no secret in clear', async () => {
    for (let round = 0; round < sized(6, 340); round++) {
      const { folder, path } = newPlace()
      await fileOfVersion3(path, 300)
      const said = await killed(path, 'migrate', { within: 150 })
      if (said.includes('open')) expect(filesWith(folder, 'sk-fake')).toEqual([])
      expect(await contentOf(path)).toEqual(storedKeys(0, 300))
      expect(filesWith(folder, 'sk-fake')).toEqual([])
      await expectWhole(path)
      rmSync(folder, { recursive: true })
    }
  })
})
