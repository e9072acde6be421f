import { describe, expect, it } from 'vitest'
import { colorsFor } from './colors.js'
import { type Column, renderTable } from './table.js'

interface Row {
  readonly name: string
  readonly note: string
}

const plain = colorsFor({ asked: false, isTTY: false, environment: {} })
const bright = colorsFor({ asked: true, isTTY: true, environment: {} })

const columns: Column<Row>[] = [
  { title: 'NAME', cell: ({ name }) => name, importance: 2, minWidth: 6 },
  { title: 'SIZE', cell: ({ name }) => String(name.length), importance: 3, align: 'right' },
  { title: 'NOTE', cell: ({ note }) => note, importance: 1, minWidth: 6 },
]

async function render(rows: readonly Row[], maxWidth?: number, paint = plain): Promise<string[]> {
  const blocks: string[] = []
  for await (const block of renderTable(rows, columns, { maxWidth, paint })) blocks.push(block)
  return blocks.join('\n').split('\n')
}

describe('renderTable', () => {
  it('renderTable aligns columns and leaves no spaces at the ends of lines', async () => {
    expect(
      await render([
        { name: 'alpha', note: 'x' },
        { name: 'b', note: '' },
      ]),
    ).toEqual(['NAME   SIZE  NOTE', 'alpha     5  x', 'b         1'])
  })

  it('renderTable leaves out a column that is empty in every row', async () => {
    expect((await render([{ name: 'alpha', note: '' }]))[0]).toBe('NAME   SIZE')
  })

  it('renderTable yields nothing without rows', async () => {
    expect(await render([])).toEqual([''])
  })

  it.each([80, 120])('renderTable fits a terminal of %i columns', async (maxWidth) => {
    const lines = await render([{ name: 'n'.repeat(90), note: 'm'.repeat(200) }], maxWidth)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(maxWidth)
    expect(lines[1]).toContain('…')
  })

  it('renderTable counts a wide character as two columns', async () => {
    const lines = await render([
      { name: '团队', note: 'x' },
      { name: 'abcd', note: 'y' },
    ])
    expect(lines[1]).toBe('团队     2  x')
    expect(lines[2]).toBe('abcd     4  y')
  })

  it('renderTable removes control characters from cells', async () => {
    const lines = await render([{ name: 'a\u001b[2Jb\r\nc', note: '\u202egnp' }])
    expect(lines).toHaveLength(2)
    for (const control of ['\u001b', '\r', '\u202e']) expect(lines.join('')).not.toContain(control)
  })

  it('renderTable keeps its widths when cells are coloured', async () => {
    const painted: Column<Row>[] = columns.map((column) => ({ ...column, paint: (cell) => bright.red(cell) }))
    const blocks: string[] = []
    const rows = [{ name: 'n'.repeat(40), note: 'x' }]
    for await (const block of renderTable(rows, painted, { maxWidth: 30, paint: bright })) blocks.push(block)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the expression removes colours
    const bare = blocks.join('').replace(/\u001b\[\d+m/g, '')
    for (const line of bare.split('\n')) expect(line.length).toBeLessThanOrEqual(30)
  })

  it('renderTable renders many rows in blocks of equal widths', async () => {
    const rows = Array.from({ length: 2_500 }, (_, index) => ({ name: `row-${index}`, note: 'x' }))
    const lines = await render(rows)
    expect(lines).toHaveLength(2_501)
    expect(new Set(lines.slice(1).map((line) => line.indexOf('x'))).size).toBe(1)
  })
})
