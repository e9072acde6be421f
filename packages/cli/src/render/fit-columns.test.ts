import { describe, expect, it } from 'vitest'
import { fitColumns } from './fit-columns.js'

const key = { natural: 12, min: 12, importance: 10 }
const label = { natural: 30, min: 8, importance: 8 }
const note = { natural: 40, min: 16, importance: 1 }

describe('fitting columns', () => {
  it('gives every column its width when the room is unlimited', () => {
    expect(fitColumns([key, label, note], undefined)).toEqual([12, 30, 40])
  })

  it('takes what is too much from the widest that can give', () => {
    const widths = fitColumns([key, label, note], 80)
    expect(widths.reduce((sum, width) => sum + width, 0) + 4).toBe(80)
    expect(widths[0]).toBe(12)
  })

  it('leaves out the least important when even the least widths do not fit', () => {
    expect(fitColumns([key, label, note], 36)).toEqual([12, 22, 0])
    expect(fitColumns([key, label, note], 15)).toEqual([12, 0, 0])
  })

  it('keeps the last column though it does not fit', () => {
    expect(fitColumns([key], 5)).toEqual([12])
  })
})
