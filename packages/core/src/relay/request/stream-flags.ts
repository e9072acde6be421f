import { isEnd, JsonMembers, type Member, startOfObject } from '../../wire/json-members.js'

/** What a request says of streaming. */
export interface StreamWishes {
  readonly isStream: boolean
  /** It asks for usage at the end of the stream. */
  readonly isWithUsage: boolean
}

/** Reads it from a JSON body without parsing the rest; null when the body is no JSON object, or is cut off. */
export function streamWishesOf(body: Buffer): StreamWishes | null {
  let isStream = false
  let isWithUsage = false
  const members = new JsonMembers(body, startOfObject(body))
  while (members.next()) {
    if (members.isNamed('stream')) isStream = isTrue(body, members)
    else if (members.isNamed('stream_options')) isWithUsage = asksForUsage(body, members.valueStart)
  }
  return members.end === -1 || !isEnd(body, members.end) ? null : { isStream, isWithUsage }
}

function asksForUsage(body: Buffer, open: number): boolean {
  let asks = false
  const members = new JsonMembers(body, open)
  while (members.next()) {
    if (members.isNamed('include_usage')) asks = isTrue(body, members)
  }
  return asks
}

const isTrue = (body: Buffer, { valueStart, valueEnd }: Member): boolean =>
  valueEnd - valueStart === 4 && body.toString('latin1', valueStart, valueEnd) === 'true'
