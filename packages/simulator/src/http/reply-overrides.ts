import type { IncomingHttpHeaders } from 'node:http'
import { type ErrorName, isErrorName } from '../errors/error-samples.js'

/** What a request may ask of the simulator beside its request to the platform. */
export interface ReplyOverrides {
  /** Output tokens of the answer, without reasoning. */
  tokens?: number
  /** Tokens of the chain of thought. */
  reasoningTokens?: number
  /** Prompt tokens that count as cached. */
  cachedTokens?: number
  /** The number of tool calls in the answer. */
  toolCalls?: number
  firstByteMs?: number
  eventMs?: number
  /** The exact text of the answer. */
  text?: string
  /** The error to answer instead. */
  error?: ErrorName
  /** What is wrong with the overrides. The answer reports it. */
  problem?: string
}

const largest = 1_000_000

const numbers = {
  tokens: 'tokens',
  'reasoning-tokens': 'reasoningTokens',
  'cached-tokens': 'cachedTokens',
  'tool-calls': 'toolCalls',
  'first-byte-ms': 'firstByteMs',
  'event-ms': 'eventMs',
} as const satisfies Record<string, keyof ReplyOverrides>

const numberEntries = Object.entries(numbers)
const noOverrides: ReplyOverrides = Object.freeze({})

/** Reads overrides from `x-sim-…` headers and from `sim_…` fields of the body's `metadata`, which win. */
export function readReplyOverrides(headers: IncomingHttpHeaders, body: unknown): ReplyOverrides {
  const metadata = readMetadata(body)
  if (metadata === undefined && !Object.keys(headers).some((name) => name.startsWith('x-sim-')))
    return noOverrides
  const read = (name: string): unknown =>
    metadata?.[`sim_${name.replaceAll('-', '_')}`] ?? headers[`x-sim-${name}`]
  const overrides: ReplyOverrides = {}
  for (const [name, field] of numberEntries) {
    const given = read(name)
    if (given === undefined) continue
    const value = given === '' ? Number.NaN : Number(given)
    if (value >= 0 && value <= largest) overrides[field] = Math.floor(value)
    else overrides.problem = problemWith(name, `must be a number from 0 to ${largest}`, given)
  }
  const text = read('text')
  if (typeof text === 'string') overrides.text = text
  const error = read('error')
  if (typeof error === 'string' && isErrorName(error)) overrides.error = error
  else if (error !== undefined)
    overrides.problem = problemWith('error', 'must be a name that GET /_sim/errors lists', error)
  return overrides
}

function problemWith(name: string, rule: string, given: unknown): string {
  return `x-sim-${name} ${rule}, received ${JSON.stringify(given)}`
}

function readMetadata(body: unknown): Record<string, unknown> | undefined {
  if (typeof body !== 'object' || body === null || !('metadata' in body)) return undefined
  const { metadata } = body
  return typeof metadata === 'object' && metadata !== null ? (metadata as Record<string, unknown>) : undefined
}
