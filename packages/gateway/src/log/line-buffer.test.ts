import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import ts from 'typescript'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { LineBuffer } from './line-buffer.js'

let folder: string
let path: string
let fd: number

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sfpool-lines-'))
  path = join(folder, 'log')
  fd = openSync(path, 'w')
})
afterEach(() => {
  closeSync(fd)
  rmSync(folder, { recursive: true })
})

const text = (): string => readFileSync(path, 'utf8')

describe('a line buffer', () => {
  it('a closed line buffer has written all lines, whole and in order', async () => {
    const lines = new LineBuffer(fd, () => 0)
    const expected = Array.from({ length: 20_000 }, (_, index) => `line ${index} of 北京 🌤️\n`)
    for (const line of expected) lines.write(line)
    await lines.close()
    expect(text()).toBe(expected.join(''))
  })

  it('a line may be longer than the buffer', async () => {
    const lines = new LineBuffer(fd, () => 0)
    const long = `${'é'.repeat(200_000)}\n`
    lines.write('before\n')
    lines.write(long)
    lines.write('after\n')
    await lines.close()
    expect(text()).toBe(`before\n${long}after\n`)
  })

  it('lines are written after a moment without a close', async () => {
    new LineBuffer(fd, () => 0).write('alone\n')
    await expect.poll(text).toBe('alone\n')
  })

  it('lines are dropped and counted when they exceed the limit of the buffer', async () => {
    const lines = new LineBuffer(fd, () => 7)
    const piece = `${'x'.repeat(1_000_000)}\n`
    // One turn of the event loop: nothing can be written meanwhile.
    for (let count = 0; count < 30; count++) lines.write(piece)
    await lines.close()
    const written = text()
      .split('\n')
      .filter((line) => line.startsWith('x')).length
    const note = JSON.parse(
      text()
        .split('\n')
        .findLast((line) => line.startsWith('{')) ?? '{}',
    )
    expect(note).toEqual({
      level: 40,
      time: 7,
      dropped: 30 - written,
      reason: 'nobody reads them',
      msg: `${30 - written} log lines were lost`,
    })
    expect(written).toBeGreaterThan(0)
    expect(written).toBeLessThan(30)
  })

  it('close writes nothing when there are no lines', async () => {
    await new LineBuffer(fd, () => 0).close()
    expect(text()).toBe('')
  })
})

describe('a line buffer whose lines cannot be written', () => {
  it('a line buffer on a full disk loses its lines, and its close resolves', async () => {
    const full = openSync('/dev/full', 'w')
    const lines = new LineBuffer(full, () => 0)
    for (let count = 0; count < 10_000; count++) lines.write('a line that finds no place\n')
    await lines.close()
    closeSync(full)
  })

  it('lost lines are counted and reported before the next lines, once a new reader has come', async () => {
    const { openReader, writer } = namedPipe()
    const first = openReader()
    const lines = new LineBuffer(writer(), () => 7)
    const long = `${'x'.repeat(40_000)}\n`
    lines.write(long)
    await expect.poll(() => first.read()).toBe(long)
    first.close()
    for (let count = 0; count < 3; count++) {
      lines.write(long)
      await lines.close()
    }
    const second = openReader()
    lines.write('after\n')
    await lines.close()
    const received = second.read()
    expect(received).toMatch(/^\{.*\}\nafter\n$/)
    expect(JSON.parse(received.split('\n')[0] ?? '')).toEqual({
      level: 40,
      time: 7,
      dropped: 3,
      reason: 'EPIPE',
      msg: '3 log lines were lost',
    })
    lines.write('more\n')
    await lines.close()
    expect(second.read()).toBe('more\n')
  })

  it('a reader that pauses gets all lines once it reads again', async () => {
    const { openReader, writer } = namedPipe()
    const reader = openReader()
    const lines = new LineBuffer(writer(), () => 0)
    const expected = Array.from({ length: 20_000 }, (_, index) => `line ${index} of the log\n`).join('')
    lines.write(expected)
    await new Promise((resolve) => setImmediate(resolve))
    let received = ''
    await expect
      .poll(() => {
        received += reader.read()
        return received.length
      })
      .toBe(expected.length)
    expect(received).toBe(expected)
    await lines.close()
  })

  it('close resolves although the reader has stopped reading', async () => {
    const { openReader, writer } = namedPipe()
    openReader()
    const lines = new LineBuffer(writer(), () => 0)
    lines.write('x'.repeat(1_000_000))
    await lines.close()
  })

  it('nothing is written to a busy reader once close has resolved, because its descriptor may be that of another file', async () => {
    const { openReader, writer } = namedPipe()
    const reader = openReader()
    const lines = new LineBuffer(writer(), () => 0)
    lines.write(`${'x'.repeat(1_000_000)}\n`)
    await lines.close()
    const before = reader.read()
    expect(before).toMatch(/^x+$/)
    // A later line begins a new batch, behind the report of the line that was cut: nothing else has come in between.
    lines.write('after\n')
    let received = ''
    await expect
      .poll(() => {
        received += reader.read()
        return received
      })
      .toMatch(/after\n$/)
    expect(received).toMatch(
      /^\n\{"level":40,.*"reason":"nobody reads them","msg":"1 log line was lost"\}\nafter\n$/,
    )
    await lines.close()
  })

  it('a line that was cut in the middle ends before the report', async () => {
    const { openReader, writer } = namedPipe()
    const first = openReader()
    const lines = new LineBuffer(writer(), () => 0)
    // A pipe takes 64 KiB at once, and is emptied twice at most, so the line is cut within.
    lines.write(`${'x'.repeat(1_000_000)}\n`)
    await expect.poll(() => first.read().length).toBeGreaterThan(0)
    first.close()
    await lines.close()
    const second = openReader()
    lines.write('after\n')
    await lines.close()
    const received = second.read()
    // What the first reader left in the pipe is read by the second.
    expect(received).toMatch(/^x*\n\{"level":40,.*"msg":"1 log line was lost"\}\nafter\n$/)
  })

  /** A named pipe: its reader may leave and another come, while the writer stays. Closed when the test ends. */
  function namedPipe() {
    const place = join(folder, 'pipe')
    execFileSync('mkfifo', [place])
    const open = new Set<number>()
    onTestFinished(() => {
      for (const each of open) closeSync(each)
    })
    const opened = (flags: number): number => {
      const made = openSync(place, flags | constants.O_NONBLOCK)
      open.add(made)
      return made
    }
    return {
      writer: () => opened(constants.O_WRONLY),
      openReader: () => {
        const reader = opened(constants.O_RDONLY)
        return {
          close: () => {
            open.delete(reader)
            closeSync(reader)
          },
          /** All that is there to be read now. */
          read: (): string => {
            let text = ''
            const chunk = Buffer.alloc(65_536)
            try {
              for (let size = 1; size > 0; ) {
                size = readSync(reader, chunk)
                text += chunk.toString('utf8', 0, size)
              }
            } catch (error) {
              if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
            }
            return text
          },
        }
      },
    }
  }
})

describe.each([
  ['/dev/full', 'is full'],
  ['a pipe', 'has lost its reader'],
])('a server whose log goes to %s, which %s', (target) => {
  it(`a server goes on serving although its log to ${target} cannot be written`, async () => {
    const module = join(folder, 'line-buffer.mjs')
    const source = readFileSync(new URL('./line-buffer.ts', import.meta.url), 'utf8')
    const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
    writeFileSync(module, ts.transpileModule(source, { compilerOptions: options }).outputText)
    const program = join(folder, 'server.mjs')
    writeFileSync(
      program,
      `import { createServer } from 'node:http'
       import { LineBuffer } from './line-buffer.mjs'
       const lines = new LineBuffer(2, Date.now)
       const server = createServer((request, response) => {
         lines.write(JSON.stringify({ url: request.url, padding: 'x'.repeat(40000) }) + '\\n')
         response.end('served')
       }).listen(0, '127.0.0.1', () => process.stdout.write(server.address().port + '\\n'))
       process.on('SIGTERM', async () => { await lines.close(); process.exit(7) })`,
    )
    const full = target === '/dev/full' ? openSync(target, 'w') : 'pipe'
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', full] })
    onTestFinished(() => {
      child.kill('SIGKILL')
      if (typeof full === 'number') closeSync(full)
    })
    const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(code ?? signal)))
    // The pipe may be reset as the child ends, which fails nothing here.
    child.stdout?.on('error', () => {})
    const [port] = (await once(child.stdout as Readable, 'data')) as [Buffer]
    if (child.stderr !== null) {
      child.stderr.destroy()
      await once(child.stderr, 'close')
    }
    for (let count = 0; count < 30; count++) {
      const answer = await fetch(`http://127.0.0.1:${String(port).trim()}/${count}`)
      expect(await answer.text()).toBe('served')
    }
    expect(child.exitCode).toBeNull()
    child.kill('SIGTERM')
    expect(await ended).toBe(7)
  })
})
