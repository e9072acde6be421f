import { describe, expect, it } from 'vitest'
import { PatternMap } from './pattern-map.js'

describe('PatternMap', () => {
  const patterns = new PatternMap({
    'Qwen/Qwen3-8B': 'exact',
    'Qwen/*': 'family',
    '*': 'all',
    'Pro/*-R1*': 'reasoning',
    'a.b/*': 'dots',
  })

  it.each([
    ['Qwen/Qwen3-8B', 'exact'],
    ['qwen/qwen3-8b', 'exact'],
    ['Qwen/Qwen3-32B', 'family'],
    ['Pro/deepseek-ai/DeepSeek-R1-0528', 'reasoning'],
    ['Pro/deepseek-ai/DeepSeek-V3', 'all'],
    ['a.b/c', 'dots'],
    ['axb/c', 'all'],
    ['', 'all'],
  ])('gives %j the value %j', (model, value) => {
    expect(patterns.get(model)).toBe(value)
  })

  it('gives undefined when no pattern matches', () => {
    expect(new PatternMap({ 'Pro/*': 1 }).get('Qwen/Qwen3-8B')).toBeUndefined()
    expect(new PatternMap().get('constructor')).toBeUndefined()
  })

  it('distinguishes case when both names are given', () => {
    const both = new PatternMap({ model: 'small', Model: 'large' })
    expect([both.get('model'), both.get('Model')]).toEqual(['small', 'large'])
  })
})
