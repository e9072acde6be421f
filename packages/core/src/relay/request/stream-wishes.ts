import { isEnd, startOfObject, walkMembers } from '../../wire/json-members.js'

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
  const open = startOfObject(body)
  const end =
    open === -1
      ? -1
      : walkMembers(body, open, ({ name, valueStart, valueEnd }) => {
          if (name === 'stream') isStream = isTrue(body, valueStart, valueEnd)
          else if (name === 'stream_options') isWithUsage = asksForUsage(body, valueStart)
        })
  return end === -1 || !isEnd(body, end) ? null : { isStream, isWithUsage }
}

function asksForUsage(body: Buffer, open: number): boolean {
  let asks = false
  walkMembers(body, open, ({ name, valueStart, valueEnd }) => {
    if (name === 'include_usage') asks = isTrue(body, valueStart, valueEnd)
  })
  return asks
}

const isTrue = (body: Buffer, start: number, end: number): boolean =>
  end - start === 4 && body.toString('latin1', start, end) === 'true'
