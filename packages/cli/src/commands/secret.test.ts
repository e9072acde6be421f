import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { ensureBuilt } from '../testing/built.js'
import { createHome, type Home } from '../testing/run-cli.js'
import { testKey } from '../testing/test-key.js'

beforeAll(ensureBuilt)

const keys = [testKey('sealedone'), testKey('sealedtwo')]
const place = (home: Home, name: string): string => home.path(join('.config/sfpool', name))

/** The files of the store's folder that hold one of the keys in clear. */
function inClear(home: Home): string[] {
  return readdirSync(place(home, '')).filter((name) => {
    const bytes = readFileSync(place(home, name))
    return keys.some((key) => bytes.includes(key))
  })
}

async function added(environment: Record<string, string> = {}): Promise<Home> {
  const home = createHome()
  const { code } = await home.run(['add', ...keys], { environment })
  expect(code).toBe(0)
  return home
}

async function revealed(home: Home, environment: Record<string, string> = {}, flags: string[] = []) {
  const { code, stdout, stderr } = await home.run(['list', '--json', '--reveal', ...flags], { environment })
  if (code !== 0) return stderr
  return (JSON.parse(stdout) as { items: { secret: string }[] }).items.map(({ secret }) => secret)
}

describe('the secret of a store', () => {
  it('the first add makes secret.key, says so once on standard error, and stores no key in clear', async () => {
    using home = createHome()
    const first = await home.run(['add', keys[0] ?? ''])
    const path = place(home, 'secret.key')
    expect(first.stderr).toContain(`made ${path}: it seals the keys of this store`)
    expect(first.stdout).not.toContain('secret.key')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const second = await home.run(['add', keys[1] ?? ''])
    expect(second.stderr).not.toContain('secret.key')
    expect(await revealed(home)).toEqual(keys)
    expect(inClear(home)).toEqual([])
  })

  it('a variable, a flag, a file of settings and secret.key are sources of the secret', async () => {
    using home = await added({ SFPOOL_SECRET: 'first secret of all' })
    expect(existsSync(place(home, 'secret.key'))).toBe(false)
    expect(await revealed(home, { SFPOOL_SECRET: '"first secret of all"' })).toEqual(keys)
    writeFileSync(home.path('secret.txt'), 'first secret of all\n', { mode: 0o600 })
    expect(await revealed(home, {}, ['--secret-file', 'secret.txt'])).toEqual(keys)
    expect(await revealed(home, { SFPOOL_SECRET_FILE: 'secret.txt' })).toEqual(keys)
    expect(await revealed(home, { SFPOOL_SECRET: 'wrong' }, ['--secret-file', 'secret.txt'])).toEqual(keys)
    writeFileSync(home.path('sfpool.config.json'), '{"secretFile":"secret.txt"}')
    expect(await revealed(home)).toEqual(keys)
    writeFileSync(home.path('sfpool.config.json'), '{"secret":"first secret of all"}')
    expect(await revealed(home)).toEqual(keys)
  })

  it('a wrong secret, a lost one and a damaged store are three messages, and exit with 2', async () => {
    using home = await added()
    const path = place(home, 'secret.key')
    const wrong = await home.run(['list'], { environment: { SFPOOL_SECRET: 'wrong-canary' } })
    expect(wrong).toMatchObject({ code: 2, stdout: '' })
    expect(wrong.stderr).toContain('the secret is wrong: SFPOOL_SECRET holds another one')
    expect(wrong.stderr).not.toContain('wrong-canary')
    const secret = readFileSync(path)
    rmSync(path)
    for (const args of [['list'], ['add', testKey('third')], ['serve', '--port', '0']]) {
      const lost = await home.run(args)
      expect(lost.code).toBe(2)
      expect(lost.stderr).toContain(`the secret is lost: no secret was given, and ${path} is missing`)
      expect(existsSync(path)).toBe(false)
    }
    writeFileSync(path, secret)
    const store = place(home, 'pool.db')
    const bytes = readFileSync(store)
    const sealed = bytes.indexOf('key_', bytes.indexOf('sfpool') + 1)
    expect(sealed).toBeGreaterThan(0)
    bytes.fill(0x41, 4096 * 2)
    writeFileSync(store, bytes)
    const damaged = await home.run(['list'])
    expect(damaged.code).toBe(2)
    expect(damaged.stderr).toContain('damaged')
    expect(damaged.stderr).not.toContain('the secret is')
  })
})

describe('sfpool secret', () => {
  it('rotate makes a new secret.key, and the keys stay what they were', async () => {
    using home = await added()
    const before = await home.run(['list', '--json'])
    const old = readFileSync(place(home, 'secret.key'), 'utf8')
    const ran = await home.run(['secret', 'rotate'])
    expect(ran).toMatchObject({ code: 0 })
    expect(ran.stdout).toMatch(/^2 keys sealed with another secret, fingerprint [0-9a-f]{16}\n$/)
    expect(readFileSync(place(home, 'secret.key'), 'utf8')).not.toBe(old)
    expect((await home.run(['list', '--json'])).stdout).toBe(before.stdout)
    expect(await revealed(home, { SFPOOL_SECRET: old })).toContain('the secret is wrong')
  })

  it('rotate takes the new secret from a variable, also from the one that will hold it', async () => {
    using home = await added()
    const environment = { NEW_SECRET: 'a new secret of mine' }
    expect(await home.run(['secret', 'rotate', '--to-env', 'NEW_SECRET'], { environment })).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('give the value of NEW_SECRET as SFPOOL_SECRET'),
    })
    expect(await revealed(home, { SFPOOL_SECRET: 'a new secret of mine' })).toEqual(keys)
    expect(await revealed(home)).toContain('the secret is wrong')
    await home.run(['secret', 'rotate'], { environment: { SFPOOL_SECRET: 'a new secret of mine' } })
    expect(await revealed(home)).toEqual(keys)
    const own = { SFPOOL_SECRET: '"quoted for a shell"' }
    expect(
      (await home.run(['secret', 'rotate', '--to-env', 'SFPOOL_SECRET'], { environment: own })).code,
    ).toBe(0)
    expect(await revealed(home, { SFPOOL_SECRET: 'quoted for a shell' })).toEqual(keys)
  })

  it('rotate writes a new secret to a file, and fingerprint tells which secret opens the store', async () => {
    using home = await added()
    const print = async (flags: string[]) => (await home.run(['secret', 'fingerprint', ...flags])).stdout
    const before = await print([])
    const ran = await home.run(['secret', 'rotate', '--to-file', 'mine.key', '--json'])
    const { fingerprint, ...rest } = JSON.parse(ran.stdout)
    expect(rest).toEqual({ keys: 2, file: home.path('mine.key'), kept: null, isNew: true })
    expect(statSync(home.path('mine.key')).mode & 0o777).toBe(0o600)
    expect(await print(['--secret-file', 'mine.key'])).toBe(`${fingerprint}\n`)
    expect(before).not.toBe(`${fingerprint}\n`)
    expect(await revealed(home, {}, ['--secret-file', 'mine.key'])).toEqual(keys)
  })

  it.each([
    [['secret', 'turn'], 'the actions of secret are rotate, fingerprint'],
    [['secret', 'rotate', '--to-env', 'NOT_SET'], '--to-env NOT_SET: this variable is not set'],
    [
      ['secret', 'rotate', '--to-env', 'canary/secret='],
      '--to-env must be the name of a variable; received 14 characters',
    ],
    [['secret', 'rotate', '--to-env', 'HOME', '--to-file', 'x'], '--to-env and --to-file cannot be combined'],
    [['secret', 'fingerprint', '--to-file', 'x'], '--to-file is for rotate'],
    [['secret', 'rotate', '--store', 'memory:'], 'a store in memory cannot be sealed'],
    [['secret', 'rotate', '--store', 'file:missing.db'], 'there is no store at'],
    [['secret', 'rotate', '--secret-file', 'missing'], 'missing does not exist'],
  ])('%j is refused', async (args, message) => {
    using home = await added()
    const before = readFileSync(place(home, 'secret.key'), 'utf8')
    const { code, stderr, stdout } = await home.run(args)
    expect(stderr).toContain(message)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(readFileSync(place(home, 'secret.key'), 'utf8')).toBe(before)
    expect(existsSync(home.path('missing.db'))).toBe(false)
  })
})

it('a server goes on when secret.key is rotated under it', async () => {
  using home = await added()
  await using serving = home.start(['serve', '--port', '0', '--base-url', 'http://127.0.0.1:1'])
  await serving.seen(/listening on/)
  expect((await home.run(['secret', 'rotate'])).code).toBe(0)
  expect((await home.run(['add', testKey('third')])).code).toBe(0)
  serving.kill('SIGHUP')
  await serving.seen(/SIGHUP: keys read again; 3 keys in the pool/)
})
