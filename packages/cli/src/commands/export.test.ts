import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createHome, type Home } from '../testing/run-cli.js'
import { testKey } from '../testing/test-key.js'

const [one, two, three] = [testKey('one'), testKey('two'), testKey('three')] as const

/** Three keys: one rich and labelled, one poor, one of which no balance is known. */
async function filledHome(): Promise<Home> {
  const home = createHome()
  await home.run(['add', one, '--label', 'a "b", c', '--account', 'acme', '--balance', '12.50'])
  await home.run(['add', two, '--balance', '0.40'])
  await home.run(['add', three])
  return home
}

const exported = async (home: Home, ...flags: string[]): Promise<string> =>
  (await home.run(['export', ...flags])).stdout

describe('export', () => {
  it('prints masked keys, a line each, and says that they are masked', async () => {
    using home = await filledHome()
    const { code, stdout, stderr } = await home.run(['export'])
    expect(code).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(3)
    for (const secret of [one, two, three]) expect(stdout + stderr).not.toContain(secret)
    expect(stderr).toBe('keys are masked; --reveal exports them whole\n')
  })

  it('prints whole keys with --reveal, in a form that add reads again', async () => {
    using home = await filledHome()
    const text = await exported(home, '--reveal', '--with-balance')
    expect(text).toBe(`${one}|12.50\n${two}|0.40\n${three}\n`)
    using other = createHome()
    await other.run(['add', '-f', '-'], { input: text })
    expect(await exported(other, '--reveal', '--with-balance')).toBe(text)
  })

  it.each([
    ['comma', ','],
    ['space', ' '],
    ['semicolon', ';'],
    ['tab', '\t'],
    [' | ', ' | '],
    ['\\n\\n', '\n\n'],
  ])('separates keys by %j', async (name, separator) => {
    using home = await filledHome()
    expect(await exported(home, '--reveal', '--separator', name)).toBe(
      `${[one, two, three].join(separator)}\n`,
    )
  })

  it.each([
    [
      ['--separator', 'x'.repeat(11)],
      'separator must be one of newline, comma, space, semicolon, tab, or text',
    ],
    [['--format', 'xml'], 'format must be one of text, csv, json'],
    [['--format', 'csv', '--separator', 'comma'], '--separator is for --format text, not for csv'],
    [['--selected'], '--selected needs the setting selected, which names keys'],
    [['--min-balance', 'much'], 'min-balance must be an amount such as 12.50'],
  ])('refuses %j with the reason', async (flags, reason) => {
    using home = await filledHome()
    const { code, stdout, stderr } = await home.run(['export', ...flags])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(reason)
  })

  it('filters by state, account and balance, and leaves out balances that are not known', async () => {
    using home = await filledHome()
    await home.run(['disable', two])
    expect(await exported(home, '--reveal', '--status', 'disabled')).toBe(`${two}\n`)
    expect(await exported(home, '--reveal', '--account', 'acme')).toBe(`${one}\n`)
    expect(await exported(home, '--reveal', '--min-balance', '0.41')).toBe(`${one}\n`)
    expect(await exported(home, '--reveal', '--min-balance', '0')).toBe(`${one}\n${two}\n`)
    const none = await home.run(['export', '--min-balance', '100'])
    expect(none).toMatchObject({ code: 0, stdout: '', stderr: 'none of the 3 keys matches\n' })
  })

  it('exports only the keys that the setting selected names', async () => {
    using home = await filledHome()
    writeFileSync(home.path('sfpool.config.yaml'), `selected: [acme]\nminBalance: 100\n`)
    expect(await exported(home, '--reveal', '--selected')).toBe(`${one}\n`)
    expect((await exported(home, '--reveal')).trim().split('\n')).toHaveLength(3)
  })

  it('writes CSV with a head row, quoted, and harmless to spreadsheets', async () => {
    using home = await filledHome()
    await home.run(['update', three, '--label', '=cmd'])
    expect(await exported(home, '--reveal', '--format', 'csv', '--with-balance')).toBe(
      [
        'key,balance,currency,label,account,site,weight,enabled,status',
        `${one},12.50,CNY,"a ""b"", c",acme,cn,1,true,ready`,
        `${two},0.40,CNY,,,cn,1,true,ready`,
        `${three},,,'=cmd,,cn,1,true,ready\n`,
      ].join('\n'),
    )
    expect((await exported(home, '--format', 'csv')).split('\n')[0]).toBe(
      'key,label,account,site,weight,enabled,status',
    )
  })

  it('writes JSON in the shape of list, with secrets only under --reveal', async () => {
    using home = await filledHome()
    const masked = JSON.parse(await exported(home, '--format', 'json'))
    expect(masked).toMatchObject({ total: 3, items: [{ label: 'a "b", c', account: 'acme' }, {}, {}] })
    expect(JSON.stringify(masked)).not.toContain(one)
    expect(JSON.parse(await exported(home, '--json', '--reveal')).items[0].secret).toBe(one)
  })

  it('writes a file that only its owner may read, also in the place of another', async () => {
    using home = await filledHome()
    const file = home.path('keys.txt')
    writeFileSync(file, 'old', { mode: 0o644 })
    expect(await home.run(['export', '--reveal', '--output', 'keys.txt'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringMatching(/^3 keys in .*keys\.txt\n$/),
    })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8')).toBe(`${one}\n${two}\n${three}\n`)
  })

  it('names a file that cannot be written, and leaves nothing half written', async () => {
    using home = await filledHome()
    const { code, stderr } = await home.run(['export', '--reveal', '--output', 'missing/keys.txt'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/cannot write .*missing\/keys\.txt: there is no such file or directory/)
    expect(existsSync(home.path('missing'))).toBe(false)
  })
})

describe('list', () => {
  const labels = async (home: Home, ...flags: string[]): Promise<(string | null)[]> => {
    const { items } = JSON.parse((await home.run(['list', '--json', ...flags])).stdout)
    return items.map(({ label }: { label: string | null }) => label)
  }

  async function labelledHome(): Promise<Home> {
    const home = createHome()
    await home.run(['add', one, '--label', 'b', '--balance', '3'])
    await home.run(['add', two, '--label', 'c', '--balance', '20', '--account', 'Acme'])
    await home.run(['add', three, '--label', 'a'])
    return home
  }

  it.each([
    ['added', ['b', 'c', 'a']],
    ['-added', ['a', 'c', 'b']],
    ['label', ['a', 'b', 'c']],
    ['-label', ['c', 'b', 'a']],
    ['balance', ['b', 'c', 'a']],
    ['-balance', ['c', 'b', 'a']],
    ['-score', ['c', 'b', 'a']],
    ['requests', ['b', 'c', 'a']],
    ['used', ['b', 'c', 'a']],
    ['success', ['b', 'c', 'a']],
  ])('sorts by %s, with what is not known last', async (order, expected) => {
    using home = await labelledHome()
    expect(await labels(home, '--sort', order)).toEqual(expected)
  })

  it('refuses an order that is none, and names those that are', async () => {
    using home = createHome()
    const { code, stderr } = await home.run(['list', '--sort', 'colour'])
    expect(code).toBe(2)
    expect(stderr).toContain(
      'sort must be one of added, used, balance, requests, success, score, label, with -',
    )
  })

  it('finds keys by any part of label, account, id or masked key, in any case', async () => {
    using home = await labelledHome()
    expect(await labels(home, '--search', 'ACM')).toEqual(['c'])
    expect(await labels(home, '--search', 'sk-th')).toEqual(['a'])
    expect(await labels(home, '--search', 'nothing')).toEqual([])
  })

  it('prints at most as many keys as --limit allows, and counts all', async () => {
    using home = await labelledHome()
    const { total, items } = JSON.parse((await home.run(['list', '--limit', '2', '--json'])).stdout)
    expect([total, items.length]).toEqual([3, 2])
    expect((await home.run(['list', '--limit', '2'])).stderr).toBe('3 keys: 3 ready; the first 2 are shown\n')
  })

  it('prints the columns that --columns names, in that order', async () => {
    using home = await labelledHome()
    const { stdout } = await home.run(['list', '--columns', 'label,balance,weight'])
    expect(
      stdout
        .split('\n')[0]
        ?.trim()
        .split(/\s{2,}/),
    ).toEqual(['LABEL', 'BALANCE', 'WEIGHT'])
    const wrong = await home.run(['list', '--columns', 'label,colour'])
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain('columns must be one or more of key, label, status')
  })

  it('pays no heed to the minimum balance of the configuration, which is for what may be spent', async () => {
    using home = await labelledHome()
    writeFileSync(home.path('sfpool.config.yaml'), 'minBalance: 10\n')
    expect(await labels(home)).toEqual(['b', 'c', 'a'])
    expect(await labels(home, '--min-balance', '10')).toEqual(['c'])
  })
})
