import type { Fault } from '../../faults/fault.js'
import type { Settings } from '../../scenario/settings.js'
import type { ConformanceCase, QuestionName } from '../conformance-case.js'

interface Relayed {
  name: string
  question: QuestionName
  faults?: readonly Fault[]
  settings?: Partial<Settings>
  why: string
}

const bytesWhy = 'The client must get every byte, wherever the bytes are cut on the way.'

const relayed: readonly Relayed[] = [
  { name: 'json', question: 'chat', why: 'An answer without a fault goes through unchanged.' },
  {
    name: 'stream',
    question: 'chat-stream',
    why: 'A stream without a fault goes through unchanged, including [DONE].',
  },
  { name: 'messages', question: 'messages', why: 'Anthropic’s dialect goes through like OpenAI’s.' },
  {
    name: 'messages-stream',
    question: 'messages-stream',
    why: 'Events with names go through like events without names.',
  },
  {
    name: 'completions-stream',
    question: 'completions-stream',
    why: 'Streams of the older endpoint go through like newer ones.',
  },
  { name: 'embeddings', question: 'embeddings', why: 'Numbers go through without a changed digit.' },
  {
    name: 'embeddings-large',
    question: 'embeddings-large',
    why: 'An answer too large to be held goes through as well.',
  },
  { name: 'rerank', question: 'rerank', why: 'Endpoints that OpenAI does not have go through as well.' },
  { name: 'speech', question: 'speech', why: 'Audio must be handled as bytes, not as text.' },
  { name: 'transcription', question: 'transcription', why: 'Forms reach the upstream as they were sent.' },
  { name: 'image', question: 'image', why: 'Image answers go through like text answers.' },
  ...(['utf8', 'bytes', 'random'] as const).map(
    (cut): Relayed => ({
      name: `stream-cut-by-${cut}`,
      question: 'chat-stream',
      faults: [{ kind: 'chunks', cut }],
      why: bytesWhy,
    }),
  ),
  { name: 'json-cut-by-utf8', question: 'chat', faults: [{ kind: 'chunks', cut: 'utf8' }], why: bytesWhy },
  {
    name: 'slow-first-byte',
    question: 'chat-stream',
    faults: [{ kind: 'delay', at: 'before-headers', ms: 400 }],
    why: 'A slow answer is not a failure: one call gives one answer.',
  },
  {
    name: 'slow-first-output',
    question: 'chat-stream',
    faults: [{ kind: 'delay', at: 'mid-body', afterEvents: 1, ms: 400 }],
    why: 'A model that is silent before its first output has not failed.',
  },
  {
    name: 'pause-mid-stream',
    question: 'chat-stream',
    faults: [{ kind: 'delay', at: 'mid-body', afterEvents: 6, ms: 400 }],
    why: 'A pause is not the end of an answer.',
  },
  {
    name: 'pause-mid-json',
    question: 'chat',
    faults: [{ kind: 'delay', at: 'mid-body', ms: 400 }],
    why: 'A pause is not the end of an answer.',
  },
  {
    name: 'comments-of-the-upstream',
    question: 'chat-stream',
    faults: [{ kind: 'delay', at: 'mid-body', afterEvents: 3, ms: 300 }],
    settings: { keepAliveMs: 60 },
    why: 'Comment lines keep connections alive and belong to the stream.',
  },
  {
    name: 'trailing-usage',
    question: 'chat-stream',
    settings: { usage: 'trailing' },
    why: 'The chunk that has the usage and no choices is part of the stream.',
  },
  {
    name: 'long-stream',
    question: 'chat-stream',
    settings: { replyTokens: 3000, eventMs: 0 },
    why: 'Three thousand events that are sent at once must arrive as three thousand events.',
  },
]

/** Answers without a fault: they go through byte for byte, with one call. */
export const relayCases: readonly ConformanceCase[] = [
  ...relayed.map(relayCase),
  {
    id: 'relay.burst.2-0',
    group: 'relay',
    pool: { keys: 2, bad: 0 },
    question: 'chat-stream',
    atOnce: 20,
    faults: [],
    expect: { client: ['answer'], calls: [20, 20] },
    why: 'Twenty streams at once must each reach their own client.',
  },
]

function relayCase({ name, question, faults = [], settings, why }: Relayed): ConformanceCase {
  return {
    id: `relay.${name}.1-0`,
    group: 'relay',
    pool: { keys: 1, bad: 0 },
    question,
    faults: faults.map((fault) => ({ fault, on: 'any' })),
    ...(settings === undefined ? {} : { settings }),
    expect: { client: ['answer'], calls: [1, 1] },
    why,
  }
}
