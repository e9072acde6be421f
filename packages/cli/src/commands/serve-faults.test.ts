import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { ensureBuilt } from '../testing/built.js'
import { createHome, type Home, type Running } from '../testing/run-cli.js'
import type { RunOptions } from '../testing/run-environment.js'
import { testKey } from '../testing/test-key.js'

beforeAll(ensureBuilt)

/** Makes a file of a size that takes no room on the disk. */
function truncateFile(path: string, size: number): void {
  writeFileSync(path, '')
  truncateSync(path, size)
}

const isWindows = process.platform === 'win32'

/** Starts a server that says on standard output where it listens, whatever becomes of standard error. */
async function serve(
  home: Home,
  args: readonly string[],
  options: RunOptions = {},
): Promise<[Running, string]> {
  const running = home.start(['serve', '--port', '0', '--json', '--log-level', 'debug', ...args], options)
  onTestFinished(() => running[Symbol.asyncDispose]())
  const [, url = ''] = await running.seen(/"url":"(http[^"]+)"/)
  return [running, url]
}

/** Asks as often as it takes to fill any pipe with the lines of the log. */
async function askOften(url: string, times: number): Promise<number> {
  let answered = 0
  const path = `${url}/healthz/${'x'.repeat(200)}`
  for (let at = 0; at < times; at++) if ((await fetch(path)).status > 0) answered++
  return answered
}

describe.skipIf(isWindows)('a server whose log has no reader', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'serve goes on when the readers of both outputs have left, and ends as usual on %s',
    async (signal) => {
      using home = createHome()
      const [running, url] = await serve(home, [])
      running.leave()
      expect(await askOften(url, 20)).toBe(20)
      running.kill('SIGHUP')
      expect(await askOften(url, 20)).toBe(20)
      running.kill(signal)
      expect(await running.ended).toMatchObject({ code: 0, signal: null })
    },
  )

  it('serve goes on when nobody reads its log, and ends on SIGTERM', async () => {
    using home = createHome()
    const [running, url] = await serve(home, [], { stderr: 'unread' })
    expect(await askOften(url, 500)).toBe(500)
    running.kill('SIGTERM')
    expect(await running.ended).toMatchObject({ code: 0, signal: null })
  })

  it.skipIf(!existsSync('/dev/full'))('serve goes on when the disk of its log is full', async () => {
    using home = createHome()
    const full = openSync('/dev/full', 'w')
    onTestFinished(() => closeSync(full))
    const [running, url] = await serve(home, [], { stderr: full })
    expect(await askOften(url, 50)).toBe(50)
    running.kill('SIGTERM')
    expect(await running.ended).toMatchObject({ code: 0, signal: null })
  })

  it.skipIf(!existsSync('/dev/full'))('a command says that its output cannot be written', async () => {
    using home = createHome()
    const script = `"$0" "$1" list --json > /dev/full`
    const { execPath } = process
    const { bin } = await import('../testing/built.js')
    const run = (): unknown =>
      execFileSync('/bin/sh', ['-c', script, execPath, bin], {
        env: { HOME: home.directory, XDG_CONFIG_HOME: home.path('.config') },
        stdio: 'pipe',
      })
    expect(run).toThrow(/error: cannot write the output: the disk is full/)
  })
})

describe.skipIf(isWindows)('signals of a server', () => {
  it('SIGUSR1 opens no inspector', async () => {
    using home = createHome()
    const [running, url] = await serve(home, [])
    running.kill('SIGUSR1')
    await askOften(url, 5)
    running.kill('SIGTERM')
    expect((await running.ended).stderr).not.toMatch(/debugger/i)
  })

  it('a SIGHUP while serve starts does not end it', async () => {
    using home = createHome()
    writeFileSync(home.path('keys.txt'), testKey('one'))
    chmodSync(home.path('keys.txt'), 0o644)
    const args = ['serve', '--port', '0', '--keys', 'keys.txt']
    await using running = home.start(args)
    // The warning is said before anything is opened.
    await running.seen(/warning: --keys/)
    running.kill('SIGHUP')
    await running.seen(/listening on/)
    await running.seen(/SIGHUP: keys read again; 1 key in the pool/)
  })

  it('SIGHUP reads the keys again', async () => {
    using home = createHome()
    writeFileSync(home.path('keys.txt'), testKey('one'))
    const [running] = await serve(home, ['--keys', 'keys.txt'])
    running.kill('SIGHUP')
    await running.seen(/SIGHUP: keys read again; 1 key in the pool/)
  })
})

describe.skipIf(isWindows)('what --keys refuses', () => {
  const makers: [string, (path: string) => void, RegExp][] = [
    ['a directory', (path) => mkdirSync(path), /the path is a directory/],
    ['a named pipe', (path) => execFileSync('mkfifo', [path]), /the path is a named pipe/],
    ['a device', (path) => execFileSync('ln', ['-s', '/dev/zero', path]), /the path is a device/],
    [
      'a socket',
      (path) => {
        const server = createServer().listen(path)
        onTestFinished(() => void server.close())
      },
      /the path is a socket/,
    ],
    [
      'a file of 200 MB',
      (path) => truncateFile(path, 200 * 2 ** 20),
      /it has 200 MB, which is more than the 32 MB that are read/,
    ],
  ]

  it.each(makers)('serve refuses %s at once with the reason', async (_, make, reason) => {
    using home = createHome()
    make(home.path('keys'))
    const { code, stderr } = await home.run(['serve', '--port', '0', '--keys', 'keys'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(reason)])
  })

  it.each(makers)(
    'a running server keeps its keys when the key file becomes %s, reloads and ends',
    async (_, make, reason) => {
      using home = createHome()
      writeFileSync(home.path('keys'), testKey('one'))
      const [running, url] = await serve(home, ['--keys', 'keys'])
      rmSync(home.path('keys'))
      make(home.path('keys'))
      running.kill('SIGHUP')
      await running.seen(new RegExp(`${reason.source}.*; keeping the keys as they are`))
      expect(await askOften(url, 1)).toBe(1)
      rmSync(home.path('keys'), { recursive: true, force: true })
      writeFileSync(home.path('keys'), [testKey('one'), testKey('two')].join('\n'))
      await running.seen(/key file: 1 added; 2 keys in the pool/)
      running.kill('SIGTERM')
      expect((await running.ended).code).toBe(0)
    },
  )

  it('remarks about a key file are listed up to a number', async () => {
    using home = createHome()
    writeFileSync(home.path('keys'), `${testKey('one')}\n${'oops\n'.repeat(20_000)}`)
    const [running] = await serve(home, ['--keys', 'keys'])
    await running.seen(/19,990 more lines without a key in the key file/)
    expect(running.stderr().match(/key file line/g)).toHaveLength(10)
  })
})

describe.skipIf(isWindows)('the file of the store', () => {
  it('a server says that its store was deleted, and that it was replaced', async () => {
    using home = createHome()
    await home.run(['add', testKey('one'), '--store', 'pool.db'])
    const [running, url] = await serve(home, ['--store', 'pool.db'])
    renameSync(home.path('pool.db'), home.path('old.db'))
    await running.seen(
      /store: could not use the key store \S+pool\.db: it was deleted .*lost when this process ends/,
    )
    writeFileSync(home.path('pool.db'), '')
    await running.seen(/store: .*pool\.db: it was replaced by another file/)
    rmSync(home.path('pool.db'))
    renameSync(home.path('old.db'), home.path('pool.db'))
    await running.seen(/store: it works again/)
    expect(await askOften(url, 1)).toBe(1)
  })
})
