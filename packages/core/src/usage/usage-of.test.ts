import { describe, expect, it } from 'vitest'
import type { Usage } from './usage.js'
import { usageOf } from './usage-of.js'

const usage = (promptTokens: number, completionTokens: number, more: Partial<Usage> = {}): Usage => ({
  promptTokens,
  completionTokens,
  totalTokens: promptTokens + completionTokens,
  cachedTokens: 0,
  reasoningTokens: 0,
  ...more,
})

describe('usageOf', () => {
  it.each<[string, unknown, Usage | null]>([
    ['a chat', { usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } }, usage(3, 4)],
    [
      'a chat with reasoning and a cache',
      {
        usage: {
          prompt_tokens: 100,
          completion_tokens: 1540,
          total_tokens: 1640,
          completion_tokens_details: { reasoning_tokens: 1190 },
          prompt_tokens_details: { cached_tokens: 64 },
        },
      },
      usage(100, 1540, { cachedTokens: 64, reasoningTokens: 1190 }),
    ],
    [
      'a chat with the cache counted in the old way',
      {
        usage: {
          prompt_tokens: 10,
          completion_tokens: 1,
          prompt_cache_hit_tokens: 6,
          prompt_cache_miss_tokens: 4,
        },
      },
      usage(10, 1, { cachedTokens: 6 }),
    ],
    ['embeddings', { usage: { prompt_tokens: 5, completion_tokens: 0, total_tokens: 5 } }, usage(5, 0)],
    ['images', { images: [{ url: 'u' }, { url: 'v' }], seed: 1 }, { ...usage(0, 0), images: 2 }],
    [
      'images of OpenAI, with tokens',
      { data: [{ b64_json: 'x' }], usage: { input_tokens: 2, output_tokens: 3 } },
      { ...usage(2, 3), images: 1 },
    ],
    [
      'a transcription',
      { text: 'x', usage: { type: 'duration', seconds: 9 } },
      { ...usage(0, 0), audioSeconds: 9 },
    ],
    ['vectors', { data: [{ embedding: [1] }], usage: { prompt_tokens: 5 } }, usage(5, 0)],
    [
      'figures that no call can have, as the nearest whole number that can be summed',
      { usage: { prompt_tokens: 2 ** 60, completion_tokens: 2.5, total_tokens: -4 } },
      usage(1_000_000_000, 3),
    ],
    [
      'figures that are no numbers, or below zero',
      {
        usage: {
          prompt_tokens: -3,
          completion_tokens: '9',
          total_tokens: Number.NEGATIVE_INFINITY,
          completion_tokens_details: { reasoning_tokens: Number.NaN },
        },
      },
      usage(0, 0),
    ],
    [
      'a figure that JSON allows and no number holds',
      JSON.parse(
        '{"usage":{"prompt_tokens":1e400,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":1e999}}}',
      ),
      usage(1_000_000_000, 1, { cachedTokens: 1_000_000_000 }),
    ],
    [
      'a transcription of a length that no audio has',
      { text: 'x', usage: { type: 'duration', seconds: 1e300 } },
      { ...usage(0, 0), audioSeconds: 1_000_000 },
    ],
    [
      'a transcription with a fraction of a second',
      { text: 'x', usage: { type: 'duration', seconds: 9.25 } },
      { ...usage(0, 0), audioSeconds: 9.25 },
    ],
    ['a rerank', { results: [], tokens: { input_tokens: 9, output_tokens: 0 } }, usage(9, 0)],
    ['a rerank of another kind', { meta: { tokens: { input_tokens: 9, output_tokens: 1 } } }, usage(9, 1)],
    ['a message', { type: 'message', usage: { input_tokens: 2, output_tokens: 3 } }, usage(2, 3)],
    [
      'a message whose cache is counted beside its input',
      {
        usage: {
          input_tokens: 2,
          output_tokens: 3,
          cache_read_input_tokens: 10,
          cache_creation_input_tokens: 5,
        },
      },
      usage(17, 3, { cachedTokens: 10 }),
    ],
    [
      'the beginning of a stream of messages',
      { type: 'message_start', message: { usage: { input_tokens: 2, output_tokens: 1 } } },
      usage(2, 1),
    ],
    [
      'the end of a stream of messages',
      { type: 'message_delta', usage: { output_tokens: 30 } },
      usage(0, 30),
    ],
    [
      'a response',
      {
        type: 'response.completed',
        response: {
          usage: {
            input_tokens: 8,
            input_tokens_details: { cached_tokens: 4 },
            output_tokens: 6,
            output_tokens_details: { reasoning_tokens: 5 },
            total_tokens: 14,
          },
        },
      },
      usage(8, 6, { cachedTokens: 4, reasoningTokens: 5 }),
    ],
    ['the first chunk of a stream', { usage: { prompt_tokens: 3, completion_tokens: 0 } }, usage(3, 0)],
    ['a reply without usage', { choices: [] }, null],
    ['a usage that is null', { usage: null }, null],
    ['a usage that is empty', { usage: {} }, null],
    [
      'a usage with wrong values',
      { usage: { prompt_tokens: '3', completion_tokens: -4, total_tokens: Number.NaN } },
      usage(0, 0),
    ],
    ['a text', 'usage', null],
    ['null', null, null],
    ['a list', [{ usage: { prompt_tokens: 1 } }], null],
  ])('usageOf gives what %s reports', (_name, reply, expected) => {
    expect(usageOf(reply)).toEqual(expected)
  })
})
