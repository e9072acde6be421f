import { describe, expect, it } from 'vitest'
import { fitColumns } from './fit-columns.js'

const key = { natural: 12, min: 12, importance: 10 }
const label = { natural: 30, min: 8, importance: 8 }
const note = { natural: 40, min: 16, importance: 1 }

describe('fitColumns', () => {
  it('fitColumns gives every column its natural width without a limit', () => {
    expect(fitColumns([key, label, note], undefined)).toEqual([12, 30, 40])
  })

  it('fitColumns shrinks the column with the most spare width', () => {
    const widths = fitColumns([key, label, note], 80)
    expect(widths.reduce((sum, width) => sum + width, 0) + 4).toBe(80)
    expect(widths[0]).toBe(12)
  })

  it('fitColumns leaves out the least important columns when the smallest widths do not fit', () => {
    expect(fitColumns([key, label, note], 36)).toEqual([12, 22, 0])
    expect(fitColumns([key, label, note], 15)).toEqual([12, 0, 0])
  })

  it('fitColumns keeps the last column even if it does not fit', () => {
    expect(fitColumns([key], 5)).toEqual([12])
  })
})
