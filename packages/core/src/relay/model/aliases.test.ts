import { describe, expect, it } from 'vitest'
import { checkOptions } from '../../pool-options.js'
import { Aliases } from './aliases.js'

describe('an alias', () => {
  const names = new Aliases({ aliases: { 'gpt-4o': 'deepseek-ai/DeepSeek-V3', 'gpt-*': 'Qwen/Qwen3-8B' } })

  it('stands for its model, by name or pattern', () => {
    expect(names.modelOf('gpt-4o')).toBe('deepseek-ai/DeepSeek-V3')
    expect(names.modelOf('gpt-4o-mini')).toBe('Qwen/Qwen3-8B')
  })

  it('changes no other name, not even that of its own model', () => {
    expect(names.modelOf('deepseek-ai/DeepSeek-V3')).toBe('deepseek-ai/DeepSeek-V3')
    expect(names.modelOf('')).toBe('')
  })

  it('for all names does not match an empty name', () => {
    const all = new Aliases({ aliases: { '*': 'a' }, fallbacks: { '*': 'b' } })
    expect(all.modelOf('')).toBe('')
    expect(all.fallbacksOf('')).toBe(undefined)
  })

  it('is not looked up twice, so that it stands for one model', () => {
    expect(new Aliases({ aliases: { a: 'b', b: 'c' } }).modelOf('a')).toBe('b')
  })

  it('is listed when it is a name', () => {
    expect(Array.from(names.listed)).toEqual([['gpt-4o', 'deepseek-ai/DeepSeek-V3']])
  })
})

describe('the fallbacks of a model', () => {
  it('hold, as one list, for every cause that is no fault of the request', () => {
    const fallbacks = new Aliases({ fallbacks: { a: 'b', c: ['d', 'e'] } })
    expect(fallbacks.fallbacksOf('a')).toEqual({
      limits: ['b'],
      overload: ['b'],
      access: ['b'],
      model: ['b'],
      context: [],
      content: [],
    })
    expect(fallbacks.fallbacksOf('c')).toMatchObject({ overload: ['d', 'e'], content: [] })
    expect(fallbacks.fallbacksOf('x')).toBeUndefined()
  })

  it('hold, as lists by cause, for their cause, and `any` holds for the other causes', () => {
    const fallbacks = new Aliases({ fallbacks: { '*': { any: 'b', limits: [], context: 'long' } } })
    expect(fallbacks.fallbacksOf('whatever')).toMatchObject({
      limits: [],
      overload: ['b'],
      context: ['long'],
    })
  })
})

describe('the error for wrong options', () => {
  it.each([
    [{ aliases: { a: 5 } }, 'models.aliases.a must be the name of a model; received 5'],
    [{ aliases: { a: '' } }, 'models.aliases.a must not be empty; received ""'],
    [
      { fallbacks: { a: 5 } },
      'models.fallbacks.a must be the name of a model or a list of names; received 5',
    ],
    [{ fallbacks: { a: { limit: 'b' } } }, 'models.fallbacks.a.limit is not an option'],
    [{ fallback: {} }, 'models.fallback is not an option'],
    [{ aliases: ['a'] }, 'models.aliases must be an object by model name or pattern; received an array of 1'],
    [5, 'models must be an object of aliases and fallbacks; received 5'],
  ])('names the option, the rule and the value of models %j', (models, message) => {
    expect(() => checkOptions({ models } as never)).toThrow(message)
  })

  it.each([
    [{ hedging: 'yes' }, 'hedging must be true, false, or an object of afterMs and maxShare; received "yes"'],
    [{ hedging: { maxShare: 2 } }, 'hedging.maxShare must be from 0 to 1; received 2'],
    [{ hedging: { afterMs: 0 } }, 'hedging.afterMs must be at least 1 ms, or null; received 0'],
    [
      { timeouts: { models: { a: { idle: -1 } } } },
      'timeouts.models.a.idle must not be negative; received -1',
    ],
    [{ timeouts: { models: { a: { idel: 1 } } } }, 'timeouts.models.a.idel is not an option; received 1'],
  ])('names the option, the rule and the value of %j', (options, message) => {
    expect(() => checkOptions(options as never)).toThrow(message)
  })
})
