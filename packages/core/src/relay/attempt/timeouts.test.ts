import { describe, expect, it } from 'vitest'
import { ModelTimeouts } from './timeouts.js'

describe('the timeouts of a model', () => {
  it('are the common ones unless the model has its own', () => {
    const book = new ModelTimeouts({ idle: 5, models: { 'other/*': { idle: 1 } } })
    expect(book.of('Qwen/Qwen3-8B')).toBe(book.common)
    expect(book.common).toEqual({
      connect: 10_000,
      firstByte: 300_000,
      firstOutput: 600_000,
      idle: 5,
      stalled: 10,
      total: 0,
    })
  })

  it('replace the common ones phase by phase, by name or pattern', () => {
    const book = new ModelTimeouts({
      idle: 5,
      models: { '*R1*': { firstByte: 900_000 }, 'deepseek-ai/DeepSeek-R1': { firstByte: 1 } },
    })
    expect(book.of('deepseek-ai/DeepSeek-R1')).toMatchObject({ firstByte: 1, idle: 5 })
    expect(book.of('Pro/deepseek-ai/deepseek-r1')).toMatchObject({ firstByte: 900_000, idle: 5 })
  })

  it('can switch a limit off', () => {
    expect(new ModelTimeouts({ models: { slow: { firstOutput: 0 } } }).of('slow').firstOutput).toBe(0)
  })
})

describe('the limit of an answer that gives nothing but signs of life', () => {
  it.each([
    ['nothing was set', {}, 600_000],
    ['idle was set', { idle: 3_000 }, 6_000],
    ['idle is off', { idle: 0 }, 0],
    ['the first output may take longer', { firstOutput: 1_200_000 }, 1_200_000],
    ['the first output may take less', { firstOutput: 1_000 }, 600_000],
    ['it was set itself', { idle: 3_000, stalled: 1_000 }, 1_000],
    ['it was switched off', { stalled: 0 }, 0],
  ])('follows from the others: %s', (_when, given, stalled) => {
    expect(new ModelTimeouts(given).common.stalled).toBe(stalled)
  })

  it('follows from the limits of the model itself', () => {
    const book = new ModelTimeouts({ idle: 1_000, models: { a: { idle: 5_000 }, b: { connect: 1 } } })
    expect(book.of('a').stalled).toBe(10_000)
    expect(book.of('b').stalled).toBe(2_000)
  })
})
