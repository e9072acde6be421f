import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { type Simulator, startSimulator } from '@sfpool/simulator'
import { streamText } from 'ai'
import OpenAI, { APIError, APIUserAbortError, toFile } from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it as test } from 'vitest'
import { fiveAccounts, keysOfFive } from './five-accounts.js'

/** The endpoint that an SDK talks to. */
export interface Endpoint {
  readonly baseURL: string
  readonly fetch?: typeof fetch
  close(): Promise<void>
}

/** What a test works with. */
interface Setup {
  readonly simulator: Simulator
  readonly endpoint: Endpoint
  readonly openai: OpenAI
}

/** Declares a test, unless it is skipped for the endpoint. */
type DeclareTest = (what: string, run: (setup: Setup) => Promise<void>) => void

const chatModel = 'Qwen/Qwen3-8B'
const question = [{ role: 'user' as const, content: 'How is the weather in 北京? 🌤️' }]

/**
 * Tests that an unmodified `openai` package, the AI SDK and an Anthropic-style client work with sfpool, however it is
 * mounted.
 */
export function sdkContract(
  name: string,
  open: (upstream: string, keys: string[]) => Promise<Endpoint>,
  /** Tests that do not apply to this endpoint, with the reason. */
  skipped: Readonly<Record<string, string>> = {},
): void {
  describe(`${name} as SDKs see it`, () => {
    let simulator: Simulator
    let endpoint: Endpoint
    let openai: OpenAI

    beforeAll(async () => {
      simulator = await startSimulator({ scenario: fiveAccounts })
      endpoint = await open(simulator.sites.cn.baseURL, keysOfFive)
      openai = new OpenAI({
        apiKey: 'client-key',
        baseURL: endpoint.baseURL,
        maxRetries: 0,
        ...(endpoint.fetch && { fetch: endpoint.fetch }),
      })
    })
    beforeEach(() => {
      simulator.faults.clear()
      simulator.clearRequests()
    })
    afterAll(async () => {
      await endpoint?.close()
      await simulator?.close()
    })

    const it: DeclareTest = (what, run) => {
      const reason = skipped[what]
      if (reason === undefined) test(what, () => run({ simulator, endpoint, openai }))
      else test.skip(`${what}: ${reason}`, () => run({ simulator, endpoint, openai }))
    }

    chatTests(it)
    toolCallTests(it)
    dataTests(it)
    failureTests(it)
    otherClientTests(it)
  })
}

/** Chats, whole and as a stream. */
function chatTests(it: DeclareTest): void {
  it('a chat is answered', async ({ openai }) => {
    const reply = await openai.chat.completions.create({ model: chatModel, messages: question })
    expect(reply.choices[0]?.message.content).toBeTruthy()
    expect(reply.usage?.total_tokens).toBeGreaterThan(0)
  })

  it('a chat with reasoning is streamed', async ({ openai }) => {
    const stream = await openai.chat.completions.create({
      model: chatModel,
      messages: question,
      stream: true,
    })
    let [content, reasoning, finish] = ['', '', '']
    for await (const { choices } of stream) {
      const delta = choices[0]?.delta as
        | { content?: string | null; reasoning_content?: string | null }
        | undefined
      content += delta?.content ?? ''
      reasoning += delta?.reasoning_content ?? ''
      finish = choices[0]?.finish_reason || finish
    }
    expect(content).not.toBe('')
    expect(reasoning).not.toBe('')
    expect(finish).toBe('stop')
  })
}

/** Tool calls as a stream. */
function toolCallTests(it: DeclareTest): void {
  it('tool calls are streamed', async ({ openai }) => {
    const parameters = { type: 'object', properties: { city: { type: 'string' } } }
    const stream = openai.chat.completions.stream(
      {
        model: chatModel,
        messages: question,
        tools: [{ type: 'function', function: { name: 'weather', parameters } }],
      },
      { headers: { 'x-sim-tool-calls': '2' } },
    )
    const { choices } = await stream.finalChatCompletion()
    const calls = choices[0]?.message.tool_calls ?? []
    expect(calls.map((call) => call.type === 'function' && call.function.name)).toEqual([
      'weather',
      'weather',
    ])
    for (const call of calls)
      expect(call.type === 'function' && JSON.parse(call.function.arguments)).toBeTypeOf('object')
  })
}

/** Embeddings, media and the list of models. */
function dataTests(it: DeclareTest): void {
  it('embeddings are the same as base64 and as floats', async ({ openai }) => {
    const input = ['北京', 'weather']
    const base64 = await openai.embeddings.create({ model: 'BAAI/bge-m3', input })
    const floats = await openai.embeddings.create({ model: 'BAAI/bge-m3', input, encoding_format: 'float' })
    expect(base64.data).toHaveLength(2)
    expect(base64.data[0]?.embedding.length).toBe(floats.data[0]?.embedding.length)
    expect(base64.data[0]?.embedding[0]).toBeCloseTo(floats.data[0]?.embedding[0] ?? Number.NaN, 5)
  })

  it('an image is generated', async ({ openai }) => {
    const reply = await openai.images.generate({ model: 'Kwai-Kolors/Kolors', prompt: 'a fox' })
    const { images } = reply as unknown as { images: { url: string }[] }
    expect(images[0]?.url).toMatch(/^http/)
  })

  it('the binary audio of a speech arrives byte for byte', async ({ openai, simulator }) => {
    const speech = await openai.audio.speech.create({
      model: 'FunAudioLLM/CosyVoice2-0.5B',
      voice: 'FunAudioLLM/CosyVoice2-0.5B:alex',
      input: 'hello',
      response_format: 'mp3',
    })
    const bytes = Buffer.from(await speech.arrayBuffer())
    const sent = simulator.requests.at(-1)
    expect(speech.headers.get('content-type')).toContain('audio')
    expect(bytes.length).toBe(sent?.responseBytes)
  })

  it('a multipart upload for a transcription arrives unchanged', async ({ openai, simulator }) => {
    const audio = Buffer.from(Array.from({ length: 3_000 }, (_, index) => (index * 31) % 256))
    const file = await toFile(audio, 'clip.mp3')
    const { text } = await openai.audio.transcriptions.create({
      model: 'FunAudioLLM/SenseVoiceSmall',
      file,
    })
    expect(text).toBeTypeOf('string')
    expect(simulator.requests.at(-1)?.body.includes(audio)).toBe(true)
  })

  it('the models are listed', async ({ openai }) => {
    const models: string[] = []
    for await (const { id } of openai.models.list()) models.push(id)
    expect(models).toContain(chatModel)
  })
}

/** What an SDK sees of failures. */
function failureTests(it: DeclareTest): void {
  it('an error of the upstream reaches the SDK with its message', async ({ openai }) => {
    const wrong = openai.chat.completions.create({ model: 'no/such-model', messages: question })
    await expect(wrong).rejects.toThrow('400 Model does not exist. Please check it carefully.')
    await expect(wrong).rejects.toBeInstanceOf(APIError)
  })

  it('failures of other keys stay hidden from the SDK', async ({ openai, simulator }) => {
    for (const key of keysOfFive.slice(0, 3))
      simulator.faults.add({ when: { key }, fault: { kind: 'error', name: 'overloaded' } })
    for (let call = 0; call < 5; call++) {
      await expect(
        openai.chat.completions.create({ model: 'Qwen/Qwen2.5-7B-Instruct', messages: question }),
      ).resolves.toBeTruthy()
    }
  })

  it('the upstream call ends when the client aborts', async ({ openai, simulator }) => {
    const controller = new AbortController()
    const stream = await openai.chat.completions.create(
      { model: 'Qwen/Qwen2.5-72B-Instruct', messages: question, stream: true },
      { signal: controller.signal, headers: { 'x-sim-event-ms': '20', 'x-sim-tokens': '2000' } },
    )
    const reading = (async () => {
      for await (const _ of stream) controller.abort()
    })()
    await reading.catch((error: unknown) => expect(error).toBeInstanceOf(APIUserAbortError))
    await expect.poll(() => simulator.requests.at(-1)?.abortedAt).toBeTypeOf('number')
  })

  it('a stream that breaks off raises a readable error', async ({ openai, simulator }) => {
    simulator.faults.add({ fault: { kind: 'reset', at: 'mid-body', afterEvents: 6 } })
    const stream = await openai.chat.completions.create({
      model: 'Qwen/Qwen2.5-72B-Instruct',
      messages: question,
      stream: true,
    })
    const reading = (async () => {
      for await (const _ of stream);
    })()
    await expect(reading).rejects.toThrow(/broke off in the middle/)
  })
}

/** Clients other than the `openai` package. */
function otherClientTests(it: DeclareTest): void {
  it('the AI SDK receives streamed text', async ({ endpoint }) => {
    const provider = createOpenAICompatible({
      name: 'sfpool',
      apiKey: 'client-key',
      baseURL: endpoint.baseURL,
      ...(endpoint.fetch && { fetch: endpoint.fetch }),
    })
    const { textStream } = streamText({ model: provider('Qwen/Qwen2.5-7B-Instruct'), prompt: 'hello' })
    let text = ''
    for await (const piece of textStream) text += piece
    expect(text).not.toBe('')
  })

  it('an Anthropic-style message with x-api-key is answered', async ({ simulator, endpoint }) => {
    const reply = await (endpoint.fetch ?? fetch)(`${endpoint.baseURL}/messages`, {
      method: 'POST',
      headers: {
        'x-api-key': 'client-key',
        'anthropic-version': '2023-06-01',
        'content-type': 'application/json',
      },
      body: JSON.stringify({ model: chatModel, max_tokens: 64, messages: question }),
    })
    const body = (await reply.json()) as { type: string; content: { type: string }[] }
    expect(reply.status).toBe(200)
    expect(body.type).toBe('message')
    expect(keysOfFive).toContain(simulator.requests.at(-1)?.headers['x-api-key'])
  })
}
