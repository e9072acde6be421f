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

const bytesWhy =
  'How the bytes are cut on the way is no business of the client’s, and no byte may be lost by it.'

const relayed: readonly Relayed[] = [
  { name: 'json', question: 'chat', why: 'What nothing is wrong with goes through untouched.' },
  {
    name: 'stream',
    question: 'chat-stream',
    why: 'What nothing is wrong with goes through untouched, [DONE] included.',
  },
  { name: 'messages', question: 'messages', why: 'Anthropic’s dialect goes through as OpenAI’s does.' },
  {
    name: 'messages-stream',
    question: 'messages-stream',
    why: 'Events with names go through as those without.',
  },
  {
    name: 'completions-stream',
    question: 'completions-stream',
    why: 'Older streams go through as newer ones.',
  },
  { name: 'embeddings', question: 'embeddings', why: 'Numbers go through digit by digit.' },
  {
    name: 'embeddings-large',
    question: 'embeddings-large',
    why: 'An answer too large to be held goes through all the same.',
  },
  { name: 'rerank', question: 'rerank', why: 'Endpoints that OpenAI does not have go through too.' },
  { name: 'speech', question: 'speech', why: 'Sound is bytes, not text.' },
  { name: 'transcription', question: 'transcription', why: 'Forms reach the upstream as they were sent.' },
  { name: 'image', question: 'image', why: 'Pictures are answered as text is.' },
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
    why: 'Slow is not broken: one call, one answer.',
  },
  {
    name: 'slow-first-output',
    question: 'chat-stream',
    faults: [{ kind: 'delay', at: 'mid-body', afterEvents: 1, ms: 400 }],
    why: 'A model that thinks before it speaks is not broken.',
  },
  {
    name: 'pause-mid-stream',
    question: 'chat-stream',
    faults: [{ kind: 'delay', at: 'mid-body', afterEvents: 6, ms: 400 }],
    why: 'A pause is not an end.',
  },
  {
    name: 'pause-mid-json',
    question: 'chat',
    faults: [{ kind: 'delay', at: 'mid-body', ms: 400 }],
    why: 'A pause is not an end.',
  },
  {
    name: 'comments-of-the-upstream',
    question: 'chat-stream',
    faults: [{ kind: 'delay', at: 'mid-body', afterEvents: 3, ms: 300 }],
    settings: { keepAliveMs: 60 },
    why: 'Comment lines keep connections alive; they belong to the stream.',
  },
  {
    name: 'trailing-usage',
    question: 'chat-stream',
    settings: { usage: 'trailing' },
    why: 'The chunk without choices that bears the usage is part of the stream.',
  },
  {
    name: 'long-stream',
    question: 'chat-stream',
    settings: { replyTokens: 3000, eventMs: 0 },
    why: 'Three thousand events at once come out as three thousand events.',
  },
]

/** Answers that nothing is wrong with: byte for byte, at the price of one call. */
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
    why: 'Twenty streams at once are twenty streams, each its client’s own.',
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
