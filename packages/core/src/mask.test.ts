import { describe, expect, it } from 'vitest'
import { maskToken, maskTokens } from './mask.js'

const token = `sk-fake${'canary'.repeat(8)}`
const mask = 'sk-fa…nary'

describe('the mask of a token', () => {
  it.each([
    [token, mask],
    ['sk-fake0000000000000', 'sk-fa…0000'],
    ['sk-fake000000000000', 'sk-…'],
    ['sk-a', 'sk-…'],
    ['hunter2', '…'],
    ['hunter2hunter2hunter2', 'hunte…ter2'],
    ['gsk_short', 'gsk_…'],
    ['', '…'],
  ])('%s is %s', (given, masked) => {
    expect(maskToken(given)).toBe(masked)
  })

  it('takes the place of every token in a text, and of nothing else', () => {
    const text = `key ${token}, "Bearer ${token}"; task-force-one-two, risk-assessment, sk-1`
    expect(maskTokens(text)).toBe(`key ${mask}, "Bearer ${mask}"; task-force-one-two, risk-assessment, sk-1`)
  })
})
