import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AppLog } from './app-log.js'

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'sfpool-app-log-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

const linesOf = (path: string): string[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).msg)

const quiet = { output: false } as const

describe('the newest lines of an application log', () => {
  it('an application log gives back its newest lines first, with their fields', () => {
    const log = new AppLog({ ...quiet, now: () => 0 })
    log.note('info', 'one')
    log.note('error', 'two', { code: 'store_failed' })
    const { total, items, next } = log.recent()
    expect([total, next]).toEqual([2, null])
    expect(items).toEqual([
      {
        seq: 2,
        at: '1970-01-01T00:00:00.000Z',
        level: 'error',
        message: 'two',
        fields: { code: 'store_failed' },
      },
      { seq: 1, at: '1970-01-01T00:00:00.000Z', level: 'info', message: 'one', fields: {} },
    ])
  })

  it('an application log gives back the lines of a level and worse', () => {
    const log = new AppLog({ ...quiet, level: 'trace' })
    for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const) log.note(level, level)
    const messages = log.recent({ level: 'warn' }).items.map(({ message }) => message)
    expect(messages).toEqual(['fatal', 'error', 'warn'])
  })

  it('an application log is read page by page while lines come', () => {
    const log = new AppLog(quiet)
    for (const name of ['a', 'b', 'c']) log.note('info', name)
    const first = log.recent({ limit: 2 })
    log.note('info', 'd')
    const second = log.recent({ limit: 2, cursor: Number(first.next) })
    expect([...first.items, ...second.items].map(({ message }) => message)).toEqual(['c', 'b', 'a'])
    expect(second.next).toBeNull()
  })

  it('an application log remembers two thousand lines, and no line that is very long', () => {
    const log = new AppLog(quiet)
    for (let number = 0; number < 2_500; number++) log.note('info', `${number}`)
    log.note('info', 'x'.repeat(10_000))
    const { total, items } = log.recent({ limit: 1 })
    expect([total, items[0]?.message]).toEqual([2_000, '2499'])
  })

  it('the level of an application log may be changed while it runs', () => {
    const log = new AppLog({ ...quiet, level: 'warn' })
    log.note('info', 'unheard')
    log.level = 'debug'
    log.note('debug', 'heard')
    log.level = 'silent'
    log.note('fatal', 'unheard')
    expect(log.recent().items.map(({ message }) => message)).toEqual(['heard'])
  })
})

describe('the file of an application log', () => {
  it('the file of an application log has all its lines, for its owner alone', async () => {
    const path = join(folder(), 'sfpool.log')
    const log = new AppLog({ ...quiet, file: path })
    for (let number = 0; number < 500; number++) log.note('info', `${number}`)
    await log.close()
    expect(linesOf(path)).toHaveLength(500)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('a full file is put aside by its name, and the oldest goes', async () => {
    const place = folder()
    const path = join(place, 'sfpool.log')
    const log = new AppLog({ ...quiet, file: path, size: 1_024, count: 3 })
    const batch = async (name: string) => {
      log.note('info', name.repeat(900))
      await log.drained()
    }
    for (const name of ['a', 'b', 'c', 'd', 'e']) await batch(name)
    await log.close()
    expect(readdirSync(place).sort()).toEqual(['sfpool.log', 'sfpool.log.1', 'sfpool.log.2'])
    const first = (name: string) => linesOf(join(place, name))[0]?.[0]
    expect(['sfpool.log', 'sfpool.log.1', 'sfpool.log.2'].map(first)).toEqual(['e', 'd', 'c'])
    for (const name of readdirSync(place)) expect(statSync(join(place, name)).mode & 0o777).toBe(0o600)
  })

  it('a file that another program has put aside is opened anew when that is asked for', async () => {
    const path = join(folder(), 'sfpool.log')
    const log = new AppLog({ ...quiet, file: path })
    log.note('info', 'before')
    await log.drained()
    renameSync(path, `${path}.old`)
    log.reopen()
    log.note('info', 'after')
    await log.close()
    expect([linesOf(`${path}.old`), linesOf(path)]).toEqual([['before'], ['after']])
  })

  it('a file that is there already is gone on with', async () => {
    const path = join(folder(), 'sfpool.log')
    for (const name of ['one', 'two']) {
      const log = new AppLog({ ...quiet, file: path })
      log.note('info', name)
      await log.close()
    }
    expect(linesOf(path)).toEqual(['one', 'two'])
  })

  it('a file that cannot be put aside grows on, and loses no line', async () => {
    const place = folder()
    const path = join(place, 'sfpool.log')
    // A folder that holds something cannot be replaced by a file.
    mkdirSync(join(`${path}.1`, 'full'), { recursive: true })
    const log = new AppLog({ ...quiet, file: path, size: 1_024, count: 2 })
    for (let number = 0; number < 20; number++) {
      log.note('info', `${number} ${'x'.repeat(300)}`)
      await log.drained()
    }
    await log.close()
    expect(linesOf(path)).toHaveLength(20)
  })

  it.skipIf(!existsSync('/dev/full'))('a full disk costs lines, and nothing else', async () => {
    const path = join(folder(), 'sfpool.log')
    symlinkSync('/dev/full', path)
    const log = new AppLog({ ...quiet, file: path })
    for (let number = 0; number < 100; number++) log.note('info', `${number}`)
    await log.close()
    expect(log.recent().total).toBe(100)
  })

  it.each<[object, RegExp]>([
    [{ file: '/nonexistent/folder/sfpool.log' }, /^log\.file must be a file that can be written \(ENOENT\)/],
    [{ file: '' }, /^log\.file must be a path/],
    [{ file: 'x', size: 10 }, /^log\.size must be a whole number of bytes, 1024 at least/],
    [{ file: 'x', count: 0 }, /^log\.count must be a whole number from 1 to 1000/],
  ])('an application log refuses %j', (options, message) => {
    expect(() => new AppLog({ ...quiet, ...options })).toThrow(message)
  })
})
