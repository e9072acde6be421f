import { isRecord, type JsonObject, parseJson } from '../wire/json.js'
import { JsonMembers, startOfItem, startOfObject } from '../wire/json-members.js'

/** An event that brings text and nothing else that must not be repeated. */
export interface TextEvent {
  readonly text: string
  /** Names the choice or block whose text this event continues. */
  readonly track: string
  /** The event with another text, and every other byte as it was. */
  with(text: string): Buffer
}

/** Matches an event of one data line, with a name or without. */
const oneDataLine = /^((?:event:[^\r\n]*(?:\r\n|\n|\r))?data: ?)\{[^\r\n]*\}[ \t]*(?:\r\n|\n|\r){2}$/

/** The longest event whose text is looked for, in bytes. */
const longestEvent = 64 * 1024

/** Reads one whole event as a text event; null for an event that must stay as it is. */
export function textEventOf(event: Buffer): TextEvent | null {
  if (event.length > longestEvent) return null
  const line = oneDataLine.exec(event.toString())
  if (line === null) return null
  const start = Buffer.byteLength(line[1] as string)
  const data = event.subarray(start)
  const found = findText(parseJson(data.toString()))
  if (found === null) return null
  const place = findPlace(data, found.path)
  if (place === null || parseJson(data.toString('utf8', ...place)) !== found.text) return null
  const before = event.subarray(0, start + place[0])
  const behind = event.subarray(start + place[1])
  return {
    text: found.text,
    track: found.track,
    with: (text) => Buffer.concat([before, Buffer.from(JSON.stringify(text)), behind]),
  }
}

interface FoundText {
  readonly text: string
  readonly track: string
  /** The names of members on the way to the text; a list is entered at its first item. */
  readonly path: readonly string[]
}

function findText(event: unknown): FoundText | null {
  if (!isRecord(event)) return null
  const { type, index, delta, choices, usage: _usage, ...more } = event
  if (type === 'content_block_delta' && isRecord(delta)) {
    const isText =
      delta.type === 'text_delta' && isFilledText(delta.text) && hasNoMore(delta, ['type', 'text'])
    return isText ? { text: String(delta.text), track: `block ${index}`, path: ['delta', 'text'] } : null
  }
  const [choice, ...others] = Array.isArray(choices) ? choices : []
  // A list or an object may be long, and must not be repeated.
  if (!isRecord(choice) || others.length > 0 || Object.values(more).some(isContainer)) return null
  return textOfChoice(choice)
}

function textOfChoice({ index, delta, text, ...more }: JsonObject): FoundText | null {
  if (!hasNoMore(more, [])) return null
  if (delta === undefined && isFilledText(text))
    return { text: String(text), track: `text ${index}`, path: ['choices', 'text'] }
  if (!isRecord(delta) || !isFilledText(delta.content) || !hasNoMore(delta, ['role', 'content'])) return null
  return { text: String(delta.content), track: `content ${index}`, path: ['choices', 'delta', 'content'] }
}

const isFilledText = (value: unknown): boolean => typeof value === 'string' && value !== ''

/** Whether all other members are empty: there is no finish reason and no log probability. */
const hasNoMore = (members: JsonObject, known: readonly string[]): boolean =>
  Object.entries(members).every(([name, value]) => known.includes(name) || isNothing(value))

const isNothing = (value: unknown): boolean =>
  value === null || value === '' || (Array.isArray(value) && value.length === 0)

const isContainer = (value: unknown): boolean => typeof value === 'object' && !isNothing(value)

/** The indexes between which the value at the end of a path lies. */
function findPlace(data: Buffer, path: readonly string[]): [number, number] | null {
  let open = startOfObject(data)
  let place: [number, number] | null = null
  for (const name of path) {
    place = null
    // Of a repeated name the last one holds, as in JSON.parse.
    const members = new JsonMembers(data, open)
    while (members.next()) {
      if (members.isNamed(name)) place = [members.valueStart, members.valueEnd]
    }
    if (members.end === -1 || place === null) return null
    open = startOfItem(data, place[0])
  }
  return place
}
