import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { ensureBuilt } from '../testing/built.js'
import { createHome, type Home, type Running } from '../testing/run-cli.js'
import { testKey } from '../testing/test-key.js'

beforeAll(ensureBuilt)

const [one, two] = [testKey('backupone'), testKey('backuptwo')]
const store = ['--store', 'file:pool.db']
const ownStore = '.config/sfpool/pool.db'

async function revealed(home: Home, flags: readonly string[] = []) {
  const { code, stdout, stderr } = await home.runBuilt(['list', '--json', '--reveal', ...flags])
  if (code !== 0) return stderr
  return (JSON.parse(stdout) as { items: { secret: string }[] }).items.map(({ secret }) => secret)
}

async function serve(home: Home, flags: readonly string[]): Promise<Running> {
  const running = home.start(['serve', '--port', '0', '--json', ...flags])
  onTestFinished(() => running[Symbol.asyncDispose]())
  await running.seen(/"url":"http/)
  return running
}

/** A server answers until it is told to stop. */
async function assertRuns(running: Running): Promise<void> {
  running.kill('SIGTERM')
  expect(await running.ended).toMatchObject({ code: 0 })
}

/*
 * Every command has a process of its own here: within one process the driver holds a file that was closed, until its
 * statements are collected, and a store that is held is not replaced.
 */

/** A home whose store has a key, with a backup of it, and another key since. */
async function backedUp(): Promise<Home> {
  const home = createHome()
  await home.runBuilt(['add', one, ...store])
  const { code, stderr } = await home.runBuilt(['backup', 'monday.db', ...store])
  expect([code, stderr]).toEqual([0, 'keep the secret apart from the backup; nobody can read it without\n'])
  await home.runBuilt(['add', two, ...store])
  return home
}

describe('sfpool backup', () => {
  it('backup writes a private file that opens as a store with the same secret, and prints what is in it', async () => {
    using home = createHome()
    await home.runBuilt(['add', one, two, ...store])
    const { code, stdout } = await home.runBuilt(['backup', 'backups/monday.db', '--json', ...store])
    expect(code).toBe(0)
    const made = JSON.parse(stdout) as { fingerprint: string }
    const { stdout: fingerprint } = await home.runBuilt(['secret', 'fingerprint', ...store])
    const path = home.path('backups/monday.db')
    expect(made).toEqual({ path, keys: 2, bytes: statSync(path).size, fingerprint: fingerprint.trim() })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(path).includes('sk-')).toBe(false)
    const flags = ['--store', 'file:backups/monday.db', '--secret-file', 'secret.key']
    expect(await revealed(home, flags)).toEqual([one, two])
  })

  it('backup copies the store of a server that goes on, and its changes of before', async () => {
    using home = createHome()
    const running = await serve(home, store)
    await home.runBuilt(['add', one, ...store])
    expect((await home.runBuilt(['backup', 'monday.db', ...store])).code).toBe(0)
    await assertRuns(running)
    expect(await revealed(home, ['--store', 'monday.db'])).toEqual([one])
  })

  it('backup replaces a file with --yes alone', async () => {
    using home = await backedUp()
    const before = readFileSync(home.path('monday.db'))
    const refused = await home.runBuilt(['backup', 'monday.db', ...store])
    expect([refused.code, refused.stdout]).toEqual([2, ''])
    expect(refused.stderr).toContain(`${home.path('monday.db')} exists already`)
    expect(refused.stderr).toContain('--yes')
    expect(readFileSync(home.path('monday.db')).equals(before)).toBe(true)
    expect((await home.runBuilt(['backup', 'monday.db', '--yes', ...store])).code).toBe(0)
    expect(await revealed(home, ['--store', 'monday.db'])).toEqual([one, two])
  })

  it('backup refuses a store that is not there, and one in memory', async () => {
    using home = createHome()
    for (const flags of [store, ['--store', 'memory:'], []]) {
      const { code, stderr } = await home.runBuilt(['backup', 'monday.db', ...flags])
      expect(code).toBe(2)
      expect(stderr).toMatch(/there is no store at|a store in memory cannot be backed up/)
    }
    expect(existsSync(home.path('monday.db'))).toBe(false)
  })
})

describe('sfpool restore', () => {
  it('restore makes a store where there is none, without a word', async () => {
    using home = await backedUp()
    rmSync(home.path('pool.db'))
    const { code, stdout } = await home.runBuilt(['restore', 'monday.db', '--json', ...store])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      path: home.path('pool.db'),
      from: home.path('monday.db'),
      keys: 1,
      fingerprint: expect.stringMatching(/^[\da-f]{16}$/),
      replaced: false,
    })
    expect(await revealed(home, store)).toEqual([one])
    expect(readdirSync(home.path('')).filter((name) => name.endsWith('.partial'))).toEqual([])
  })

  it('restore replaces a store with --yes alone', async () => {
    using home = await backedUp()
    const refused = await home.runBuilt(['restore', 'monday.db', ...store])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain(`there is a store at ${home.path('pool.db')}`)
    expect(await revealed(home, store)).toEqual([one, two])
    const done = await home.runBuilt(['restore', 'monday.db', '--yes', ...store])
    expect([done.code, done.stderr]).toEqual([0, ''])
    expect(done.stdout).toContain(`1 key restored to ${home.path('pool.db')}`)
    expect(await revealed(home, store)).toEqual([one])
  })

  it('restore refuses a store that a server uses, and the server goes on', async () => {
    using home = await backedUp()
    const running = await serve(home, store)
    const { code, stderr } = await home.runBuilt(['restore', 'monday.db', '--yes', ...store])
    expect(code).toBe(2)
    expect(stderr).toContain('another process uses it')
    await assertRuns(running)
    expect(await revealed(home, store)).toEqual([one, two])
  })

  it('restore refuses a backup that the secret at hand does not open, and names the one that does', async () => {
    using home = await backedUp()
    const { stdout: fingerprint } = await home.runBuilt(['secret', 'fingerprint', ...store])
    expect((await home.runBuilt(['secret', 'rotate', ...store])).code).toBe(0)
    const before = readFileSync(home.path('pool.db'))
    const { code, stderr } = await home.runBuilt(['restore', 'monday.db', '--yes', ...store])
    expect(code).toBe(2)
    expect(stderr).toContain(`${home.path('monday.db')}: the secret is wrong`)
    expect(stderr).toContain(fingerprint.trim())
    expect(readFileSync(home.path('pool.db')).equals(before)).toBe(true)
  })

  it('restore refuses what is missing, and what is no backup, and names it', async () => {
    using home = createHome()
    writeFileSync(home.path('keys.txt'), `${one}\n`)
    for (const name of ['missing.db', 'keys.txt']) {
      const { code, stderr } = await home.runBuilt(['restore', name])
      expect(code).toBe(2)
      expect(stderr).toContain(home.path(name))
      expect(stderr).not.toContain(one)
    }
    expect(existsSync(home.path(ownStore))).toBe(false)
  })
})
