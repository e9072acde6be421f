import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { KeyPool } from '@sfpool/core'
import { type Simulator, startSimulator } from '@sfpool/simulator'
import { APICallError, generateText } from 'ai'
import OpenAI, { APIError } from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fiveAccounts, keysOfFive } from './five-accounts.js'

/** Errors without a message that SDKs could find, and the words that a person must read in the end. */
const errors: readonly (readonly [string, string, string, string])[] = [
  ['plain text', 'text/plain', '404 page not found', '404 page not found'],
  ['a page', 'text/html', '<html><head><title>404 Not Found</title></head></html>', '404 Not Found'],
  ['nothing', 'text/plain', '', 'HTTP 404 Not Found'],
  ['nothing that is called JSON', 'application/json', '', 'HTTP 404 Not Found'],
  ['an empty object', 'application/json', '{}', 'HTTP 404 Not Found'],
  ['an error that is a text', 'application/json', '{"error":"no such route"}', 'no such route'],
  [
    'an error in a list',
    'application/json',
    '[{"error":{"message":"no such model","code":404}}]',
    'no such model',
  ],
  ['a detail', 'application/json', '{"detail":"Not Found"}', 'Not Found'],
  ['an error object', 'application/json', '{"error":{"message":"as it was","type":"x"}}', 'as it was'],
]

describe('what SDKs show of an upstream’s error', () => {
  let simulator: Simulator
  let pool: KeyPool

  beforeAll(async () => {
    simulator = await startSimulator({ scenario: fiveAccounts })
    pool = new KeyPool({ keys: keysOfFive, baseURL: simulator.sites.cn.baseURL })
  })
  afterEach(() => simulator.faults.clear())
  afterAll(async () => {
    await pool.close()
    await simulator.close()
  })

  it.each(errors)('has a message: %s', async (_name, type, body, message) => {
    simulator.faults.add({ fault: { kind: 'answer', status: 404, headers: { 'content-type': type }, body } })
    const { baseURL, fetch } = pool
    const openai = new OpenAI({ apiKey: 'pool', baseURL, fetch, maxRetries: 0 })
    const asked = openai.responses.create({ model: 'm', input: 'Hi' })
    const shown = await asked.catch((error: unknown) => error)
    expect(shown).toBeInstanceOf(APIError)
    expect((shown as APIError).message).toBe(`404 ${message}`)
    expect((shown as APIError).status).toBe(404)

    const compatible = createOpenAICompatible({ name: 'pool', apiKey: 'pool', baseURL, fetch })
    const failure = await generateText({ model: compatible('m'), prompt: 'Hi', maxRetries: 0 }).catch(
      (error: unknown) => error,
    )
    expect(APICallError.isInstance(failure)).toBe(true)
    expect((failure as APICallError).message).toBe(message)
  })
})
