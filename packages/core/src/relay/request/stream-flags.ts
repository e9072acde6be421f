import { isEnd, JsonMembers, type Member, startOfObject } from '../../wire/json-members.js'

/** What the body of a request asks for about streaming. */
export interface StreamFlags {
  readonly wantsStream: boolean
  /** Whether it asks for usage at the end of the stream. */
  readonly wantsUsage: boolean
}

/** Reads the flags of a JSON body without parsing the rest of it; null for a body that is not a whole JSON object. */
export function streamFlagsOf(body: Buffer): StreamFlags | null {
  let wantsStream = false
  let wantsUsage = false
  const members = new JsonMembers(body, startOfObject(body))
  while (members.next()) {
    if (members.isNamed('stream')) wantsStream = isTrue(body, members)
    else if (members.isNamed('stream_options')) wantsUsage = asksForUsage(body, members.valueStart)
  }
  return members.end === -1 || !isEnd(body, members.end) ? null : { wantsStream, wantsUsage }
}

/** Whether a JSON body, or as much of it as there is, asks for a stream. */
export function asksForStream(body: Buffer): boolean {
  let asks = false
  const members = new JsonMembers(body, startOfObject(body))
  while (members.next()) {
    if (members.isNamed('stream')) asks = isTrue(body, members)
  }
  return asks
}

/**
 * Whether a request for a response runs only as long as its client listens, and changes nothing that lasts: a stream,
 * not in the background, and not of a conversation that is kept upstream.
 */
export function isFleetingResponse(body: Buffer): boolean {
  let isStream = false
  let isKept = false
  const members = new JsonMembers(body, startOfObject(body))
  while (members.next()) {
    if (members.isNamed('stream')) isStream = isTrue(body, members)
    else if (members.isNamed('background')) isKept ||= isTrue(body, members)
    else if (members.isNamed('conversation')) isKept ||= !isNull(body, members)
  }
  return isStream && !isKept && members.end !== -1
}

function asksForUsage(body: Buffer, open: number): boolean {
  let asks = false
  const members = new JsonMembers(body, open)
  while (members.next()) {
    if (members.isNamed('include_usage')) asks = isTrue(body, members)
  }
  return asks
}

const isNull = (body: Buffer, { valueStart, valueEnd }: Member): boolean =>
  valueEnd - valueStart === 4 && body.toString('latin1', valueStart, valueEnd) === 'null'

const isTrue = (body: Buffer, { valueStart, valueEnd }: Member): boolean =>
  valueEnd - valueStart === 4 && body.toString('latin1', valueStart, valueEnd) === 'true'
