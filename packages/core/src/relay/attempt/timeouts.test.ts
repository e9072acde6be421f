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
