import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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
      msg: 'log lines lost: nobody reads them',
    })
    expect(written).toBeGreaterThan(0)
    expect(written).toBeLessThan(30)
  })

  it('close writes nothing when there are no lines', async () => {
    await new LineBuffer(fd, () => 0).close()
    expect(text()).toBe('')
  })
})
