/** A server-sent event. */
export interface EventText {
  name: string | undefined
  data: string
}

const byteOrderMark = '\uFEFF'

/** Reads the complete events of a stream. Comments and text after the last blank line are left out. */
export function readEvents(text: string): EventText[] {
  const plain = text.startsWith(byteOrderMark) ? text.slice(1) : text
  const blocks = plain.split(/\r\n\r\n|\n\n|\r\r/)
  // Text after the last blank line is an incomplete event.
  return blocks.slice(0, -1).flatMap((block) => readEvent(block))
}

function readEvent(block: string): EventText[] {
  const lines = block.split(/\r\n|\n|\r/)
  const data = fieldsOf(lines, 'data')
  return data.length === 0 ? [] : [{ name: fieldsOf(lines, 'event').at(-1), data: data.join('\n') }]
}

function fieldsOf(lines: readonly string[], name: string): string[] {
  return lines
    .filter((line) => line.startsWith(`${name}:`))
    .map((line) => line.slice(name.length + 1).replace(/^ /, ''))
}

/** Whether the official SDK of a dialect raises this event: OpenAI's checks `error`, Anthropic's the event's name. */
export function isRaised({ name, data }: EventText, dialect: 'openai' | 'anthropic'): boolean {
  if (dialect === 'anthropic') return name === 'error'
  const { error } = readObject(data)
  return error !== undefined && error !== null && error !== false && error !== ''
}

/** Whether an event reports a failure in any shape, raised by SDKs or not. */
export function isFailure({ name, data }: EventText): boolean {
  const value = readObject(data)
  return (
    name === 'error' ||
    'error' in value ||
    ('code' in value && !('choices' in value)) ||
    value.type === 'error'
  )
}

function readObject(data: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(data)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** Removes comment lines, which targets may add to keep a connection alive. */
export function withoutComments(text: string): string {
  return text.replace(/^(?::[^\n]*\n\n?)+/, '')
}
