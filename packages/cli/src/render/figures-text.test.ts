import type { HistoryFigures } from '@sfpool/core'
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import type { WindowFigures } from '../stats/window-figures.js'
import { colorsFor } from './colors.js'
import { renderFigures } from './figures-text.js'

const paint = colorsFor({ asked: false, isTTY: false, environment: {} })

const figures = (name: string, changes: Partial<HistoryFigures> = {}): HistoryFigures => ({
  name,
  requests: 1_234,
  successes: 1_200,
  errors: 34,
  outcomes: { success: 1_200, 'upstream-error': 34 },
  tokens: 5_678_901,
  promptTokens: 5_000_000,
  completionTokens: 678_901,
  cachedTokens: 0,
  reasoningTokens: 0,
  images: 0,
  cost: '12.345678',
  currency: 'CNY',
  unknownCosts: 0,
  latency: { p50Ms: 700, p95Ms: 2_345, p99Ms: 4_000 },
  ttft: { p50Ms: 345.6, p95Ms: 900, p99Ms: 1_000 },
  trend: Array.from({ length: 60 }, (_, at) => at),
  ...changes,
})

const report = (changes: Partial<WindowFigures> = {}): WindowFigures => ({
  window: '1h',
  by: 'model',
  step: 60,
  from: '2026-10-05T07:00:00.000Z',
  to: '2026-10-05T08:00:00.000Z',
  rows: [figures('deepseek-ai/DeepSeek-V3.2-Exp-with-a-very-long-name-indeed'), figures('模型'), figures('')],
  total: figures('all'),
  rates: { rpm: 20, tpm: 90_000, ipm: 0, rpd: 4_321, tpd: 9_000_000, ipd: 0 },
  ...changes,
})

async function linesOf(given: WindowFigures, maxWidth: number): Promise<string[]> {
  const blocks: string[] = []
  for await (const block of renderFigures(given, { maxWidth, paint })) blocks.push(block)
  return blocks.join('\n').split('\n')
}

describe('figures of a window', () => {
  it.each([80, 120])('at %i columns no line is wider, and names and requests stay', async (width) => {
    const lines = await linesOf(report(), width)
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(width)
    const text = lines.join('\n')
    expect(text).toMatch(/^MODEL +REQUESTS +/m)
    expect(text).toMatch(/^deepseek-ai\/De\S* +1,234/m)
    expect(text).toMatch(/^模型 +1,234/m)
    expect(text).toMatch(/^\(none\) +1,234/m)
    expect(text).toMatch(/[▁▂▃▄▅▆▇█]{8}/)
  })

  it('sums, rates and the trend stand above the table', async () => {
    const lines = await linesOf(report(), 100)
    expect(lines.slice(0, 5)).toEqual([
      'REQUESTS  1,234 in 1h, 3% failed, 21 a minute',
      'TOKENS    5,678,901, 12.345678 CNY, 94,648 a minute',
      'NOW       20 RPM, 90,000 TPM, 0 IPM',
      'TODAY     4,321 RPD, 9,000,000 TPD, 0 IPD',
      expect.stringMatching(/^TREND {5}/),
    ])
  })

  it('at 120 columns the whole table is shown', async () => {
    const text = (await linesOf(report({ rows: [figures('m')] }), 120)).join('\n')
    expect(text).toMatch(/MODEL +REQUESTS +FAILED +TOKENS +COST +TTFT +P95 +TREND/)
    expect(text).toMatch(/m +1,234 +3% +5,678,901 +12\.345678 CNY +346ms +2\.3s +/)
  })

  it('keys are shown by mask and label', async () => {
    const rows = [figures('key_1', { key: 'sk-ab…wxyz', label: 'team' }), figures('other')]
    const text = (await linesOf(report({ by: 'key', rows }), 120)).join('\n')
    expect(text).toMatch(/^sk-ab…wxyz \(team\) +1,234/m)
    expect(text).toMatch(/^other +1,234/m)
  })

  it('a window without requests has zeros, no trend and no table', async () => {
    const none = figures('all', { requests: 0, errors: 0, tokens: 0, cost: '0.00', trend: [0, 0] })
    expect(await linesOf(report({ rows: [], total: none, rates: null }), 80)).toEqual([
      'REQUESTS  0 in 1h, 0 a minute',
      'TOKENS    0, 0 a minute',
    ])
  })
})
