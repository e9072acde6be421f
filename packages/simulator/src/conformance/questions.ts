import type { ConformanceCase, QuestionName } from './conformance-case.js'

/** A client's request, without credentials. */
export interface Question {
  method: string
  /** The path below the base URL. */
  path: string
  headers: Readonly<Record<string, string>>
  body: Buffer
  /** The dialect of the stream; undefined when the answer is not a stream. */
  events?: 'openai' | 'anthropic'
}

const messages = [{ role: 'user', content: 'Say hello, 世界 😀' }]
const voiceModel = 'FunAudioLLM/CosyVoice2-0.5B'

/** Returns the request of a case. `model` is the case's own chat model. */
export function questionOf({ question }: Pick<ConformanceCase, 'question'>, model: string): Question {
  return questions[question](model)
}

const questions: Readonly<Record<QuestionName, (model: string) => Question>> = {
  chat: (model) => json('/chat/completions', { model, messages }),
  'chat-stream': (model) => ({
    ...json('/chat/completions', { model, messages, stream: true }),
    events: 'openai',
  }),
  messages: (model) => json('/messages', { model, messages, max_tokens: 256 }),
  'messages-stream': (model) => ({
    ...json('/messages', { model, messages, max_tokens: 256, stream: true }),
    events: 'anthropic',
  }),
  'completions-stream': () => ({
    ...json('/completions', { model: 'Qwen/Qwen2.5-Coder-7B-Instruct', prompt: 'a =', stream: true }),
    events: 'openai',
  }),
  embeddings: () => json('/embeddings', { model: 'BAAI/bge-m3', input: ['one', 'two'] }),
  'embeddings-large': () =>
    json('/embeddings', { model: 'BAAI/bge-m3', input: Array.from({ length: 32 }, (_, at) => `text ${at}`) }),
  rerank: () => json('/rerank', { model: 'BAAI/bge-reranker-v2-m3', query: 'q', documents: ['a', 'b'] }),
  speech: () =>
    json('/audio/speech', {
      model: voiceModel,
      input: 'x'.repeat(2000),
      voice: `${voiceModel}:alex`,
      response_format: 'pcm',
    }),
  transcription: () => form('/audio/transcriptions', { model: 'FunAudioLLM/SenseVoiceSmall' }),
  image: () => json('/images/generations', { model: 'Kwai-Kolors/Kolors', prompt: 'a cat' }),
  file: () => form('/files', { purpose: 'batch' }),
  batch: () =>
    json('/batches', {
      input_file_id: 'file-fakefakefa',
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    }),
  video: () => json('/video/submit', { model: 'Wan-AI/Wan2.2-T2V-A14B', prompt: 'a cat' }),
  voice: () => form('/uploads/audio/voice', { model: voiceModel, customName: 'mine', text: 'hello' }),
  nowhere: (model) => json('/nowhere', { model, messages }),
}

function json(path: string, value: unknown): Question {
  return {
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(value)),
  }
}

const boundary = 'conformance-boundary'
const line = '{"custom_id":"1","method":"POST","url":"/v1/chat/completions","body":{"messages":[]}}'

/** Makes a form with one file. */
function form(path: string, fields: Readonly<Record<string, string>>): Question {
  const parts = Object.entries(fields).map(([name, value]) => part(`name="${name}"`, value))
  const file = part('name="file"; filename="file.jsonl"\r\nContent-Type: application/octet-stream', line)
  return {
    method: 'POST',
    path,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.from(`${parts.join('')}${file}--${boundary}--\r\n`),
  }
}

function part(disposition: string, value: string): string {
  return `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${value}\r\n`
}
