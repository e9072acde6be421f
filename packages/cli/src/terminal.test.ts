import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createSpinner } from './render/spinner.js'
import { outputOver, saneColumns, type Terminal } from './terminal.js'

describe('the width of a terminal', () => {
  it.each([
    [0, 80],
    [undefined, 80],
    [Number.NaN, 80],
    [-1, 80],
    [1, 20],
    [19, 20],
    [80, 80],
    [132.5, 132],
    [Number.POSITIVE_INFINITY, 10_000],
  ])('a terminal that says it has %s columns is laid out for %i', (said, used) => {
    expect(saneColumns(said)).toBe(used)
  })

  it.each([0, 1, Number.NaN, undefined])(
    'a status line in %s columns is drawn and erased',
    async (columns) => {
      const stream = Object.assign(new PassThrough(), {
        fd: 2,
        isTTY: true,
        columns,
        clearLine: () => true,
        cursorTo: () => true,
        moveCursor: () => true,
      })
      const faults = { onReaderGone: () => {}, onFailure: () => {} }
      const err = outputOver(stream as unknown as NodeJS.WriteStream & { fd: 2 }, faults)
      let at = 0
      const clock = { now: () => (at += 1_000) }
      const terminal = { err, out: err, environment: {}, ...clock } as unknown as Terminal
      const spinner = await createSpinner(terminal, { isWanted: true, isColored: false })
      for (let count = 0; count < 5; count++) spinner.show(() => `${'a long line '.repeat(10)}${count}`)
      await spinner.aside(async () => {})
      spinner.stop()
      expect(stream.read()?.toString()).toContain('a long line')
    },
  )
})

it.each([{ TERM: 'dumb' }, { CI: 'true' }])(
  'no status line is drawn where %j says that none can be',
  async (environment) => {
    const stream = Object.assign(new PassThrough(), { fd: 2, isTTY: true, columns: 80 })
    const faults = { onReaderGone: () => {}, onFailure: () => {} }
    const err = outputOver(stream as unknown as NodeJS.WriteStream & { fd: 2 }, faults)
    const terminal = { err, out: err, environment, now: () => 0 } as unknown as Terminal
    const spinner = await createSpinner(terminal, { isWanted: true, isColored: false })
    spinner.show(() => 'a line')
    spinner.stop()
    expect([spinner.isVisible, stream.read()]).toEqual([false, null])
  },
)
