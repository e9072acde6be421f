import { describe, expect, it } from 'vitest'
import { generic } from '../provider/generic.js'
import type { ModelFacts } from '../provider/provider.js'
import { siliconflow } from '../provider/siliconflow.js'
import { ModelRegistry } from './model-registry.js'
import { Rosters } from './rosters.js'
import type { Rules } from './rules.js'

function registryOf({
  rules = {},
  catalogue = {},
  provider = siliconflow(),
}: {
  rules?: Rules
  catalogue?: Readonly<Record<string, ModelFacts>>
  provider?: ReturnType<typeof siliconflow>
} = {}): ModelRegistry {
  const rosters = new Rosters({ strategy: 'round-robin', rules, chance: () => 0, onFault: () => {} })
  return new ModelRegistry({ provider, catalogue, rules, rosters })
}

describe('ModelEntry.needs', () => {
  it.each([
    ['Qwen/Qwen3-8B', 'nothing', 'any'],
    ['Pro/deepseek-ai/DeepSeek-V3', 'charged', 'charged'],
    ['deepseek-ai/DeepSeek-V3', 'any', 'any'],
    ['', 'any', 'any'],
  ])('the model %j needs funds: %s on one site, %s on the other', (name, cn, com) => {
    const entry = registryOf().entryOf(name)
    expect(entry.needs).toBe(cn)
    expect([entry.needsOn('cn'), entry.needsOn('com')]).toEqual([cn, com])
  })

  it('declared facts of a model replace what the provider knows, fact by fact', () => {
    const catalogue = {
      'Qwen/Qwen3-8B': { free: false },
      'Pro/*': { limits: { RPM: 5 } },
      'mine/*': { free: true },
    }
    const models = registryOf({ catalogue })
    expect(models.entryOf('Qwen/Qwen3-8B').needs).toBe('any')
    expect(models.entryOf('Pro/m')).toMatchObject({ needs: 'charged', limits: { RPM: 5 } })
    expect(models.entryOf('mine/m').needs).toBe('nothing')
  })

  it('a model needs any funds where the provider knows nothing of it', () => {
    const entry = registryOf({ provider: generic('http://127.0.0.1:1') }).entryOf('Qwen/Qwen3-8B')
    expect(entry).toMatchObject({ needs: 'any', limits: undefined })
  })
})

describe('ModelEntry.expectedTokens', () => {
  it.each<[string, number[], number, number | null, number]>([
    ['nothing is known of the model', [], 100, null, 356],
    ['the request allows 50 tokens of output', [], 100, 50, 150],
    ['answers had 80 tokens', [80], 100, null, 180],
    ['answers were longer than the request allows', [80], 100, 30, 130],
    ['answers were shorter than the request allows', [80], 100, 4_000, 180],
    ['the request allows no output', [80], 100, 0, 100],
    ['answers grew longer', [100, 200], 0, null, 110],
  ])(
    'when %s, a call is estimated from answers of %j, a prompt of %i and at most %s of output: %i tokens',
    (_what, answers, promptTokens, maxOutput, expected) => {
      const entry = registryOf().entryOf('m')
      for (const tokens of answers) entry.learnOutput(tokens)
      expect(entry.expectedTokens(promptTokens, maxOutput)).toBeCloseTo(expected, 6)
    },
  )

  it('the estimate of a call follows the latest answers', () => {
    const entry = registryOf().entryOf('m')
    for (let answer = 0; answer < 100; answer++) entry.learnOutput(1_000)
    for (let answer = 0; answer < 50; answer++) entry.learnOutput(10)
    expect(entry.expectedTokens(0, null)).toBeLessThan(20)
  })
})

describe('ModelRegistry', () => {
  it('the registry returns the same entry for a model, with its rule and its key lists', () => {
    const models = registryOf({ rules: { models: { 'Pro/*': { strategy: 'random', deny: ['team'] } } } })
    const entry = models.entryOf('Pro/m')
    expect(models.entryOf('Pro/m')).toBe(entry)
    expect(entry.roster).toBeDefined()
    expect(entry.access).toBeDefined()
    expect(models.entryOf('m')).toMatchObject({ roster: undefined, access: undefined })
  })

  it('the registry forgets made-up models when clients name them without end, and keeps one that is in use', () => {
    const models = registryOf()
    const entry = models.entryOf('used')
    entry.learnOutput(10)
    for (let at = 0; at < 5_000; at++) {
      models.entryOf(`made up ${at}`)
      if (at % 100 === 0) models.entryOf('used')
    }
    expect(models.entryOf('used')).toBe(entry)
  })
})
