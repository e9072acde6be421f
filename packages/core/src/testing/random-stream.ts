/** A stream of chat events such as upstreams might send, and rather odder. */
export interface RandomStream {
  readonly bytes: Buffer
  /** The events one by one, each with its blank line, which may be missing behind the last. */
  readonly events: readonly string[]
  /** The one among them that brings the usage alone; -1 for none. */
  readonly usageAt: number
  /** The first of them that carries output. */
  readonly outputAt: number
}

export interface RandomStreamOptions {
  /** All lines end alike. @default false */
  readonly isTidy?: boolean
  /** There is an event with the usage and no choices. @default false */
  readonly hasUsage?: boolean
  /** Some events are larger than anything is held for. @default false */
  readonly isHuge?: boolean
}

const letters = [
  'a',
  'e\u0301',
  ' ',
  '\n',
  '"',
  '\\',
  '世',
  '界',
  '👩‍👩‍👧',
  '🇩🇪',
  'क',
  '\u093e',
  '\u2028',
  '\ud83d',
]
const lineEnds = ['\n', '\r\n', '\r']

export function randomStream(random: () => number, options: RandomStreamOptions = {}): RandomStream {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const upTo = (most: number): number => Math.floor(random() * (most + 1))
  const ofStream = pick(lineEnds)
  const isMixed = options.isTidy !== true && random() < 0.2
  const text = (most: number): string => Array.from({ length: upTo(most) }, () => pick(letters)).join('')
  const usage = { prompt_tokens: 9, completion_tokens: upTo(99), total_tokens: 99 }

  const chunk = (choice: object | null, more: object = {}): string => {
    const body = {
      id: '019a',
      object: 'chat.completion.chunk',
      choices: choice === null ? [] : [choice],
      ...more,
    }
    const isSpaced = random() < 0.1
    const json = isSpaced ? JSON.stringify(body, null, 1).replaceAll('\n', ' ') : JSON.stringify(body)
    return random() < 0.2 ? json.replace(/[^ -~]/gu, escaped) : json
  }
  const delta = (of: object): string =>
    chunk({ index: 0, delta: of, finish_reason: null }, random() < 0.5 ? { usage } : {})
  const kinds: readonly (() => string)[] = [
    () => delta({ content: text(12) }),
    () => delta({ content: text(3), role: 'assistant' }),
    () => delta({ content: null, reasoning_content: text(9) }),
    () => delta({ tool_calls: [{ index: 0, id: null, function: { name: '', arguments: text(5) } }] }),
    () => delta({ content: text(5), logprobs: null }),
    () => chunk({ index: 1, delta: { content: text(4) } }),
    () => chunk({ index: 0, delta: {}, finish_reason: '' }),
  ]

  const event = (data: string): string => {
    const lines: string[] = []
    const end = (): string => (isMixed ? pick(lineEnds) : ofStream)
    if (random() < 0.1) lines.push(`: ${text(4).replace(/[\r\n]/g, '')}`)
    if (random() < 0.05) lines.push('event: message')
    if (random() < 0.05) lines.push(`id: ${upTo(99)}`)
    if (random() < 0.02) lines.push('retry: 10', 'unknown: field', 'nothing')
    const cut = random() < 0.05 ? data.indexOf(',') + 1 : 0
    if (cut > 0) lines.push(`data: ${data.slice(0, cut)}`)
    lines.push(`data:${random() < 0.9 ? ' ' : ''}${data.slice(cut)}`)
    const body = lines.map((line) => line + end()).join('')
    // A CR and an LF would be one line end together, and no blank line.
    return body + (isMixed && body.endsWith('\r') ? '\r\n' : end())
  }

  const events: string[] = []
  const preamble = upTo(2)
  for (let at = 0; at < preamble; at++) events.push(event(delta({ role: 'assistant', content: '' })))
  if (random() < 0.2) events.push(`: ping${ofStream}${ofStream}`)
  const outputAt = events.length
  events.push(event(delta({ content: `x${text(9)}` })))
  for (let left = upTo(12); left > 0; left--) events.push(event(pick(kinds)()))
  if (options.isHuge) events.push(event(delta({ content: '世界'.repeat(20_000 + upTo(60_000)) })))
  events.push(event(chunk({ index: 0, delta: { content: '' }, finish_reason: 'stop' }, { usage })))
  const usageAt = options.hasUsage ? outputAt + upTo(events.length - outputAt) : -1
  if (usageAt !== -1) events.splice(usageAt, 0, event(chunk(null, { usage })))
  events.push(`data: [DONE]${random() < 0.1 ? '' : ofStream + ofStream}`)
  if (random() < 0.1) events[0] = `\uFEFF${events[0]}`
  return {
    bytes: Buffer.from(events.join('')),
    events,
    usageAt,
    outputAt: usageAt !== -1 && usageAt <= outputAt ? outputAt + 1 : outputAt,
  }
}

const escaped = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('')
