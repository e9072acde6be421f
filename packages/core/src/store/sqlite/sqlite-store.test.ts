import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@libsql/client/sqlite3'
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { ConfigError, KeyPoolError } from '../../errors.js'
import { describeStore } from '../testing/store-contract.js'
import { storedKey, storedKeys } from '../testing/stored-keys.js'
import { sqliteStore } from './sqlite-store.js'

const folder = mkdtempSync(join(tmpdir(), 'sfpool-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let fileCount = 0
const newPath = (): string => join(folder, `store ${fileCount++}.db`)

describeStore('sqlite', (place, options) =>
  sqliteStore({ path: join(folder, 'contract', `${place}.db`), ...options }),
)

describe('sqliteStore', () => {
  it.each(['', ' ', ':memory:', 'a\0b'])('sqliteStore refuses %j as a path', async (path) => {
    await expect(sqliteStore({ path })).rejects.toThrow(ConfigError)
    await expect(sqliteStore({ path })).rejects.toThrow(/^path must name a file/)
  })

  it('sqliteStore refuses an invalid busy timeout', async () => {
    await expect(sqliteStore({ path: newPath(), busyTimeoutMs: -1 })).rejects.toThrow(
      /^busyTimeoutMs must be 0/,
    )
  })

  it.each([0, -1, 1.5, Number.NaN])('sqliteStore refuses %s as a number of owners', async (ownerLimit) => {
    await expect(sqliteStore({ path: newPath(), ownerLimit })).rejects.toThrow(
      /^ownerLimit must be a whole number above 0/,
    )
  })

  it('sqliteStore takes paths with the special characters of URLs', async () => {
    const path = join(folder, 'a b?c#d%20e&ü.db')
    const store = await sqliteStore({ path })
    await store.putKeys([storedKey(0)])
    await store.close()
    const again = await sqliteStore({ path })
    expect((await again.load()).keys).toEqual([storedKey(0)])
    await again.close()
  })

  it('a closed SQLite store refuses work', async () => {
    const store = await sqliteStore({ path: newPath() })
    await store.close()
    for (const work of [store.load(), store.putKeys([storedKey(0)]), store.revision()]) {
      await expect(work).rejects.toMatchObject({
        code: 'store_failed',
        message: expect.stringContaining('closed'),
      })
    }
  })

  it('a SQLite store survives text that UTF-8 cannot hold', async () => {
    const store = await sqliteStore({ path: newPath() })
    onTestFinished(() => store.close())
    const labels = ['half a \ud83d pair', 'nul \0 inside', '\ufeff', '"[{\\']
    await store.putKeys(labels.map((label, n) => storedKey(n, { label })))
    const loaded = (await store.load()).keys.map((key) => key.label)
    expect(loaded).toEqual(['half a \ufffd pair', ...labels.slice(1)])
  })

  it('a SQLite store writes nothing of a list that the tables refuse', async () => {
    const store = await sqliteStore({ path: newPath() })
    onTestFinished(() => store.close())
    const keys = [...storedKeys(0, 600), storedKey(600, { weight: Number.NaN })]
    const error = await store.putKeys(keys).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'store_failed', message: expect.stringContaining('weight') })
    expect(String(error)).not.toContain('sk-fake')
    expect((await store.load()).keys).toEqual([])
    expect(await store.revision()).toBe(0)
  })

  it('a SQLite store lets other work of the process run between the parts of a long one', async () => {
    const store = await sqliteStore({ path: newPath() })
    onTestFinished(() => store.close())
    let turns = 0
    let isRunning = true
    const count = (): void => {
      turns++
      if (isRunning) setImmediate(count)
    }
    setImmediate(count)
    await store.putKeys(storedKeys(0, 5_000))
    expect(turns).toBeGreaterThan(15)
    turns = 0
    await store.load()
    expect(turns).toBeGreaterThan(15)
    isRunning = false
  })

  it('a SQLite store leaves no trace of a removed secret in the file', async () => {
    const path = newPath()
    const store = await sqliteStore({ path })
    await store.putKeys(storedKeys(0, 50))
    await store.removeKeys(storedKeys(0, 50).map((key) => key.id))
    await store.close()
    const { readFileSync } = await import('node:fs')
    expect(readFileSync(path).includes('sk-fake')).toBe(false)
  })
})

describe('sqliteStore beside another process that is writing', () => {
  const lock = async (path: string) => {
    const client = createClient({ url: `file:${encodeURIComponent(path)}`, concurrency: 1 })
    onTestFinished(() => client.close())
    return client.transaction('write')
  }

  it('a SQLite store waits until another process frees the lock, without blocking', async () => {
    const path = newPath()
    const writing = { current: await lock(await made(path)) }
    const wait = vi.fn(async () => {
      if (wait.mock.calls.length === 3) await writing.current.rollback()
    })
    const store = await sqliteStore({ path, wait })
    onTestFinished(() => store.close())
    await store.putKeys([storedKey(0)])
    expect(wait).toHaveBeenCalledTimes(3)
    expect((await store.load()).keys).toEqual([storedKey(0)])
  })

  it('a SQLite store reports a lock that is held longer than its timeout, and still reads', async () => {
    const path = newPath()
    await lock(await made(path))
    const delaysMs: number[] = []
    const store = await sqliteStore({
      path,
      busyTimeoutMs: 500,
      wait: async (delayMs) => delaysMs.push(delayMs),
    })
    onTestFinished(() => store.close())
    await expect(store.putKeys([storedKey(0)])).rejects.toMatchObject({
      code: 'store_failed',
      message: expect.stringContaining(`${path}: another process kept it locked`),
    })
    expect(delaysMs.reduce((sum, delayMs) => sum + delayMs)).toBeGreaterThanOrEqual(500)
    expect(Math.max(...delaysMs)).toBe(50)
    expect((await store.load()).keys).toEqual([])
  })

  const made = async (path: string): Promise<string> => {
    await (await sqliteStore({ path })).close()
    return path
  }
})

describe('errors of sqliteStore', () => {
  it('errors of a SQLite store are KeyPoolErrors that name the file', async () => {
    const error = await sqliteStore({ path: folder }).catch((thrown: unknown) => thrown)
    expect(KeyPoolError.isInstance(error)).toBe(true)
    expect(error).toMatchObject({
      code: 'store_failed',
      message: expect.stringContaining(`store ${folder}: `),
    })
  })
})
