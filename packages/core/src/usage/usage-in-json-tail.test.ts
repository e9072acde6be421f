import { describe, expect, it } from 'vitest'
import type { Usage } from './usage.js'
import { usageInJsonTail } from './usage-in-json-tail.js'

const usage = (promptTokens: number, completionTokens: number, more: Partial<Usage> = {}): Usage => ({
  promptTokens,
  completionTokens,
  totalTokens: promptTokens + completionTokens,
  cachedTokens: 0,
  reasoningTokens: 0,
  ...more,
})

describe('usageInJsonTail', () => {
  const figures = '{"prompt_tokens":3,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":2}}'

  it.each([
    ['at its end', `0.1,0.2]}],"usage":${figures}}`],
    ['before something else', `…"}],"usage": ${figures},"system_fingerprint":""}\n`],
    ['after a text that mentions it', `"the \\"usage\\":{} of it"}}],"usage":${figures}}`],
  ])('the usage of a large reply is found %s', (_name, tail) => {
    expect(usageInJsonTail(tail)).toEqual(usage(3, 4, { cachedTokens: 2 }))
  })

  it('the usage of a large rerank reply is found', () => {
    expect(usageInJsonTail('}],"tokens":{"input_tokens":9,"output_tokens":0}}')).toEqual(usage(9, 0))
    expect(usageInJsonTail('}],"meta":{"tokens":{"input_tokens":9,"output_tokens":0}}}')).toEqual(usage(9, 0))
  })

  it.each(['', '"usage":', `tokens":3}}`, '"usage":{"prompt_tokens":3', '"usage":{broken}', '"usage":null}'])(
    'a tail that does not hold the whole usage gives null: %s',
    (tail) => {
      expect(usageInJsonTail(tail)).toBeNull()
    },
  )
})
