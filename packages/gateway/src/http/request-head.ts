/** The request headers that the gateway itself reads. The engine reads the others. */
export interface RequestHead {
  authorization: string | undefined
  apiKey: string | undefined
  requestId: string | undefined
  /** Bytes of the body, if the client declared them. */
  contentLength: number | undefined
  origin: string | undefined
  host: string | undefined
}

/** Reads a flat header list in one pass. Of a repeated header the first counts, as in Node. */
export function readHead(headers: readonly string[]): RequestHead {
  const head: RequestHead = {
    authorization: undefined,
    apiKey: undefined,
    requestId: undefined,
    contentLength: undefined,
    origin: undefined,
    host: undefined,
  }
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] as string
    // Comparing lengths first rules out nearly all other headers without a lower-case copy of their names.
    switch (name.length) {
      case 4:
        if (head.host === undefined && name.toLowerCase() === 'host') head.host = headers[index + 1]
        break
      case 6:
        if (head.origin === undefined && name.toLowerCase() === 'origin') head.origin = headers[index + 1]
        break
      case 9:
        if (head.apiKey === undefined && name.toLowerCase() === 'x-api-key') head.apiKey = headers[index + 1]
        break
      case 12:
        if (head.requestId === undefined && name.toLowerCase() === 'x-request-id')
          head.requestId = headers[index + 1]
        break
      case 13:
        if (head.authorization === undefined && name.toLowerCase() === 'authorization')
          head.authorization = headers[index + 1]
        break
      case 14:
        if (head.contentLength === undefined && name.toLowerCase() === 'content-length')
          head.contentLength = Number(headers[index + 1])
        break
    }
  }
  return head
}

/** Finds the value of one header, for the rare cases that `readHead` does not cover. `name` is in lower case. */
export function headerOf(headers: readonly string[], name: string): string | undefined {
  for (let index = 0; index + 1 < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() === name) return headers[index + 1]
  }
  return undefined
}
