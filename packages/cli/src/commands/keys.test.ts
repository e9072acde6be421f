import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fakeKey } from '@sfpool/simulator'
import { beforeAll, describe, expect, it } from 'vitest'
import { bin, ensureBuilt } from '../testing/built.js'
import { createHome, type Home } from '../testing/run-cli.js'
import { testKey } from '../testing/test-key.js'

const secrets = [testKey('one'), testKey('two'), testKey('three')]
const [one = '', two = '', three = ''] = secrets

beforeAll(ensureBuilt)

async function filledHome(): Promise<Home> {
  const home = createHome()
  await home.run(['add', one, '--label', 'first', '--account', 'acme'])
  await home.run(['add', two, three])
  return home
}

const listed = async (home: Home, ...flags: string[]) =>
  JSON.parse((await home.run(['list', '--json', ...flags])).stdout)

describe('list', () => {
  it('list says how to add a key when the store is empty', async () => {
    using home = createHome()
    expect(await home.run(['list'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'no keys yet; add one with: sfpool add <key>\n',
    })
    expect(await listed(home)).toEqual({ total: 0, items: [] })
  })

  it('list --json prints masked keys', async () => {
    using home = await filledHome()
    const { total, items } = await listed(home)
    expect(total).toBe(3)
    expect(items[0]).toMatchObject({
      id: expect.any(String),
      key: expect.stringMatching(/^sk-on….{3}e$/),
      label: 'first',
      account: 'acme',
      site: 'cn',
      enabled: true,
      status: 'ready',
      cooldowns: [],
      balance: { amount: null, currency: 'CNY', source: 'unknown', at: null },
      requests: 0,
      successes: 0,
      lastUsedAt: null,
    })
  })

  it('list shows whole keys only with --reveal', async () => {
    using home = await filledHome()
    expect((await home.run(['list'])).stdout).not.toContain(one)
    expect((await home.run(['list', '--reveal'])).stdout).toContain(one)
    expect((await listed(home, '--reveal')).items[0].secret).toBe(one)
  })

  it('list filters by state and account', async () => {
    using home = await filledHome()
    await home.run(['disable', 'first'])
    expect((await listed(home, '--status', 'disabled')).total).toBe(1)
    expect((await listed(home, '--status', 'ready,cooling')).total).toBe(2)
    expect((await listed(home, '--account', 'acme')).total).toBe(1)
    expect((await home.run(['list', '--status', 'invalid'])).stderr).toBe('none of the 3 keys matches\n')
  })

  it('list ends without an error when the reader closes the pipe', async () => {
    using home = createHome()
    await home.run(['add'], {
      input: Array.from({ length: 5_000 }, (_, index) => fakeKey('pipe', index)).join('\n'),
    })
    const script = `"${process.execPath}" "${bin}" list --quiet | head -1`
    const environment = {
      PATH: process.env.PATH ?? '',
      HOME: home.directory,
      XDG_CONFIG_HOME: home.path('.config'),
    }
    const { stdout, stderr } = spawnSync('sh', ['-c', script], {
      env: environment,
      cwd: home.directory,
      encoding: 'utf8',
    })
    expect(stdout).toMatch(/^KEY/)
    expect(stderr).toBe('')
  })
})

describe('selecting keys', () => {
  it.each([
    ['an id', async (home: Home) => (await listed(home)).items[0].id],
    ['a label', async () => 'first'],
    ['the masked key', async (home: Home) => (await listed(home)).items[0].key],
    ['the key itself', async () => one],
  ])('a key is selected by %s', async (_, wordOf) => {
    using home = await filledHome()
    const { code, stdout } = await home.run(['disable', await wordOf(home), '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ disabled: 1, keys: [{ label: 'first', enabled: false }] })
  })

  it('a whole masked key does not select keys that only begin alike', async () => {
    using home = await filledHome()
    const [, second] = (await listed(home)).items
    const { stdout } = await home.run(['disable', second.key, '--json'])
    expect(JSON.parse(stdout).keys.map(({ key }: { key: string }) => key)).toEqual([second.key])
  })

  it('a command fails when a word matches no key, and does not repeat a secret', async () => {
    using home = await filledHome()
    const unknown = testKey('unknown')
    const { code, stderr } = await home.run(['enable', unknown])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: No key matches/)
    expect(stderr).not.toContain(unknown)
  })

  it('a command that needs keys fails when none are selected', async () => {
    using home = await filledHome()
    expect(await home.run(['disable'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no keys were selected'),
    })
  })

  it('enable reverses disable for the keys of an account', async () => {
    using home = await filledHome()
    await home.run(['disable', '--account', 'acme'])
    expect((await home.run(['enable', '--status', 'disabled'])).stdout).toMatch(
      /^sk-on…\S+ {2}first {2}enabled\n$/,
    )
    expect((await listed(home, '--status', 'ready')).total).toBe(3)
  })
})

describe('a word that means several keys', () => {
  /** Two keys with the same mask, label and beginning. */
  const twins = [`${'sk-same'}${'a'.repeat(30)}same`, `${'sk-same'}${'b'.repeat(30)}same`]

  it.each([
    ['the beginning of their masks', 'sk-s'],
    ['their mask', 'sk-sa…same'],
    ['their mask with three dots', 'sk-sa...same'],
    ['their label', 'twin'],
  ])('%s is refused by every command, with the ids of the keys', async (_, word) => {
    using home = await filledHome()
    await home.run(['add', ...twins, '--label', 'twin'])
    const before = await listed(home)
    const ids: string[] = before.items.slice(3).map(({ id }: { id: string }) => id)
    for (const command of [
      ['remove', word, '--yes'],
      ['disable', word],
      ['enable', word],
      ['update', word, '--weight', '2'],
      ['balance', word, '--set', '5'],
    ]) {
      const { code, stderr } = await home.run(command)
      expect([code, stderr]).toEqual([2, expect.stringContaining('matches 2 keys; nothing was changed')])
      for (const id of ids) expect(stderr).toContain(id)
    }
    expect(await listed(home)).toEqual(before)
    expect((await home.run(['remove', ...ids, '--yes'])).stderr).toBe('2 keys removed\n')
  })

  it('a filter may make its meaning clear', async () => {
    using home = await filledHome()
    await home.run(['add', ...twins])
    await home.run(['disable', twins[0] ?? ''])
    expect((await home.run(['remove', 'sk-same', 'sk-s', '--status', 'disabled', '--yes'])).code).toBe(2)
    expect((await home.run(['remove', 'sk-s', '--status', 'disabled', '--yes'])).stderr).toBe(
      '1 key removed\n',
    )
  })
})

describe('a store that is not there', () => {
  it.each([
    ['list'],
    ['explain', '--model', 'm'],
    ['stats'],
    ['balance'],
    ['balance', 'first', '--set', '1'],
    ['check'],
    ['remove', 'first', '--yes'],
    ['enable', 'first'],
    ['disable', 'first'],
    ['update', 'first', '--label', 'x'],
  ])('%s refuses it, names its path and makes none', async (...command) => {
    using home = createHome()
    const { code, stdout, stderr } = await home.run([...command, '--store', 'typo.db'])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^error: there is no store at \S+typo\.db\n/)
    expect(existsSync(home.path('typo.db'))).toBe(false)
  })

  it('add and serve say that they made one', async () => {
    using home = createHome()
    expect((await home.run(['add', one, '--store', 'new.db'])).stderr).toMatch(
      /^there was no store at \S+new\.db; made a new one\nmade \S+secret\.key: [^\n]+\nshells keep [^\n]+\n$/,
    )
    expect((await home.run(['add', two, '--store', 'new.db', '--quiet'])).stderr).toBe('')
    await using served = home.start(['serve', '--port', '0', '--store', 'other.db'])
    await served.seen(/there was no store at \S+other\.db; made a new one/)
  })
})

describe('update', () => {
  it('update changes the settings of a key', async () => {
    using home = await filledHome()
    const changes = [
      '--label',
      'new',
      '--account',
      'other',
      '--weight',
      '2',
      '--site',
      'com',
      '--balance',
      '7',
    ]
    const { code, stdout, stderr } = await home.run(['update', 'first', ...changes])
    expect([code, stderr]).toEqual([0, '1 key updated\n'])
    expect(stdout).toMatch(/^sk-on…\S+ {2}new {2}updated\n$/)
    expect((await listed(home)).items[0]).toMatchObject({
      label: 'new',
      account: 'other',
      weight: 2,
      site: 'com',
      balance: { amount: '7.00' },
    })
  })

  it('update without a change fails and lists the options', async () => {
    using home = await filledHome()
    const { code, stderr } = await home.run(['update', 'first'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/no change was given\n.*--label, --account/)])
  })
})

describe('remove', () => {
  it('remove refuses to run without a terminal unless --yes is given', async () => {
    using home = await filledHome()
    const refused = await home.run(['remove', 'first'])
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') })
    expect((await listed(home)).total).toBe(3)
    const removed = await home.run(['remove', 'first', '--yes'])
    expect(removed).toMatchObject({ code: 0, stderr: '1 key removed\n' })
    expect((await listed(home)).total).toBe(2)
  })

  it('remove removes all keys in a state', async () => {
    using home = await filledHome()
    await home.run(['disable', two])
    const { stdout } = await home.run(['remove', '--status', 'disabled', '--yes', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ removed: 1, keys: [{ enabled: false }] })
    expect((await home.run(['remove', '--status', 'disabled', '--yes'])).stderr).toBe('0 keys removed\n')
  })
})
