import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { KeyPool } from '@sfpool/core'
import { keysOf, makeScenario, startSimulator } from '@sfpool/simulator'
import { generateText } from 'ai'
import OpenAI, { APIError } from 'openai'
import { describe, expect, it, onTestFinished } from 'vitest'

interface Trouble {
  readonly what: string
  readonly fault: 'token-invalid' | 'insufficient-balance' | null
  readonly status: number
  readonly code: string
  readonly message: RegExp
}

const troubles: readonly Trouble[] = [
  { what: 'no key', fault: null, status: 503, code: 'no_keys', message: /sfpool add/ },
  {
    what: 'wrong keys only',
    fault: 'token-invalid',
    status: 503,
    code: 'all_keys_invalid',
    message: /refused by the upstream/,
  },
  {
    what: 'no money left',
    fault: 'insufficient-balance',
    status: 402,
    code: 'all_keys_exhausted',
    message: /No account has balance left/,
  },
]

/** A pool in trouble behind a `fetch` that keeps its answers. */
async function poolIn({
  fault,
}: Trouble): Promise<{ fetch: typeof fetch; answers: Response[]; url: string }> {
  const scenario = makeScenario({ accounts: 5 })
  const simulator = await startSimulator({ scenario })
  const keys = fault === null ? [] : keysOf(scenario, 'cn')
  const pool = new KeyPool({ keys, baseURL: simulator.sites.cn.baseURL })
  onTestFinished(async () => {
    await pool.close()
    await simulator.close()
  })
  if (fault !== null) simulator.faults.add({ fault: { kind: 'error', name: fault } })
  const answers: Response[] = []
  return {
    url: pool.baseURL,
    answers,
    fetch: async (input, init) => {
      const answer = await pool.fetch(input as string, init)
      answers.push(answer)
      return answer
    },
  }
}

describe.each(troubles)('what only a person can mend: $what', (trouble) => {
  it('reaches an app with the openai client and its default settings after one request', async () => {
    const { fetch, answers, url } = await poolIn(trouble)
    const openai = new OpenAI({ apiKey: 'any', baseURL: url, fetch })
    const error: unknown = await openai.chat.completions
      .create({ model: 'Qwen/Qwen3-8B', messages: [{ role: 'user', content: 'Hello' }] })
      .catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(APIError)
    expect(error).toMatchObject({ status: trouble.status, code: trouble.code })
    expect((error as APIError).message).toMatch(trouble.message)
    expect(answers).toHaveLength(1)
  })

  it('never asks the AI SDK to wait, and is the message of its error', async () => {
    const { fetch, answers, url } = await poolIn(trouble)
    const provider = createOpenAICompatible({ name: 'sfpool', baseURL: url, fetch })
    const error: unknown = await generateText({
      model: provider.chatModel('Qwen/Qwen3-8B'),
      prompt: 'Hello',
      maxRetries: 0,
    }).catch((caught: unknown) => caught)
    expect(String(error)).toMatch(trouble.message)
    for (const { headers } of answers) {
      expect(headers.get('retry-after')).toBeNull()
      expect(headers.get('x-should-retry')).toBe('false')
    }
  })
})
