import { expect, test } from 'vitest'
import { errorNames, errorSamples } from './error-samples.js'

/** The published and observed answers, word for word. */
const verbatim: readonly [status: number, body: string][] = [
  [401, '"Invalid token"'],
  [401, '"Api key is invalid"'],
  [401, '{"code":30014,"data":null,"message":"Token is invalid."}'],
  [402, '{"code":30001,"message":"Sorry, your account balance is insufficient","data":null}'],
  [403, '{"code":30001,"message":"Sorry, your account balance is insufficient","data":null}'],
  [403, '{"code":30003,"message":"Model disabled.","data":null}'],
  [403, '"Forbidden"'],
  [404, '"404 page not found"'],
  [404, '404 page not found'],
  [404, 'Not Found'],
  [410, '{"code":20092,"message":"This endpoint is deprecated and is no longer available.","data":null}'],
  [400, '{"code":20012,"message":"Model does not exist. Please check it carefully.","data":null}'],
  [400, '{"code":20015,"message":"The parameter is invalid. Please check again.","data":null}'],
  [
    400,
    '{"code":20015,"message":"length of prompt_tokens (68957) must be less than max_seq_len (65536).","data":null}',
  ],
  [
    400,
    '{"code":20015,"message":"number of input tokens (300030) has exceeded max_prompt_tokens (98304) limit.","data":null}',
  ],
  [400, '{"code":20015,"message":"Field required","data":null}'],
  [400, '{"code":20015,"message":"thinking type should be enabled or disabled","data":null}'],
  [400, 'number of input tokens (135022) has exceeded max_seq_len (131072) limit.'],
  [
    400,
    '{"code":20015,"message":"Value error, current model does not support parameter `enable_thinking`.","data":null}',
  ],
  [400, '{"code":20015,"message":"List should have at least 1 item after validation"}'],
  [413, '{"code":20042,"message":"input batch size 132 > maximum allowed batch size 64","data":null}'],
  [413, '{"code":20042,"message":"input must have less than 8192 tokens"}'],
  [
    429,
    '{"code":50602,"message":"Request was rejected due to rate limiting. Details: TPM limit reached.","data":null}',
  ],
  [429, '{"message":"Request was rejected due to rate limiting. Details: TPM limit reached.","data":null}'],
  [429, '{"code":50602,"message":"Request was rejected due to rate limiting. Details: TPM limit reached."}'],
  [
    429,
    '{"message":"Request was rejected due to rate limiting. If you want more, please contact contact@siliconflow.cn. Details:TPM limit reached.","data":null}',
  ],
  [429, '{"message":"System is really busy, please try again later","code":20015}'],
  [500, '{"code":50507,"message":"Request failed: Unknown error.","data":null}'],
  [503, '{"code":50505,"message":"Model service overloaded. Please try again later.","data":null}'],
  [503, '{"code":50508,"message":"System is too busy now. Please try again later.","data":null}'],
  [503, '{"code":50603,"message":"System is too busy now. Please try again later.","data":null}'],
  [200, '{"code":50603,"message":"System is too busy now. Please try again later.","data":null}'],
  [504, ''],
]

test.each(verbatim)('the answer %i %s is among the error samples', (status, body) => {
  const found = Object.values(errorSamples).some((sample) => sample.status === status && sample.body === body)
  expect(found).toBe(true)
})

test('the code of an error sample equals the code in its body', () => {
  for (const name of errorNames) {
    const { body, code, contentType } = errorSamples[name]
    const parsed: unknown = contentType.startsWith('application/json') ? JSON.parse(body) : undefined
    expect((parsed as { code?: number } | undefined | null)?.code).toBe(code)
  }
})

test('a classic error sample has the same class as its current counterpart', () => {
  for (const name of errorNames.filter((each) => each.endsWith('-classic'))) {
    const twin = name.replace(/-classic$/, '')
    if (twin in errorSamples) expect(errorSamples[twin as typeof name].class).toBe(errorSamples[name].class)
  }
})
