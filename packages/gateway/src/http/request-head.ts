/** The request headers that the gateway itself reads. The engine reads the others. */
export interface RequestHead {
  authorization: string | undefined
  /** Of `x-api-key` or `api-key`, whichever comes first: Anthropic's clients send the one, Azure's the other. */
  apiKey: string | undefined
  requestId: string | undefined
  userAgent: string | undefined
  /** Bytes of the body, if the client declared them. */
  contentLength: number | undefined
  origin: string | undefined
  host: string | undefined
  /** Where the page that sent the request stands to this server, as browsers say it. */
  fetchSite: string | undefined
  /** What makes two servers read the request differently; undefined where nothing does. */
  ambiguity: string | undefined
}

/** Reads a flat header list in one pass. Of a repeated header the first counts, as in Node. */
export function readHead(headers: readonly string[]): RequestHead {
  const head = nothingRead()
  let hasTransferEncoding = false
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] as string
    // Comparing lengths first rules out nearly all other headers without a lower-case copy of their names.
    switch (name.length) {
      case 2:
        if (name.toLowerCase() === 'te' && /\bchunked\b/i.test(headers[index + 1] as string))
          head.ambiguity = 'TE must not name chunked.'
        break
      case 4:
        if (name.toLowerCase() !== 'host') break
        if (head.host === undefined) head.host = headers[index + 1]
        else head.ambiguity = 'There must be one Host header.'
        break
      case 6:
        if (head.origin === undefined && name.toLowerCase() === 'origin') head.origin = headers[index + 1]
        break
      case 7:
        if (head.apiKey === undefined && name.toLowerCase() === 'api-key') head.apiKey = headers[index + 1]
        break
      case 9:
        if (head.apiKey === undefined && name.toLowerCase() === 'x-api-key') head.apiKey = headers[index + 1]
        break
      case 10:
        if (head.userAgent === undefined && name.toLowerCase() === 'user-agent')
          head.userAgent = headers[index + 1]
        break
      case 12:
        if (head.requestId === undefined && name.toLowerCase() === 'x-request-id')
          head.requestId = headers[index + 1]
        break
      case 13:
        if (head.authorization === undefined && name.toLowerCase() === 'authorization')
          head.authorization = headers[index + 1]
        break
      case 14: {
        const lower = name.toLowerCase()
        if (lower === 'content-length') head.contentLength ??= Number(headers[index + 1])
        else if (lower === 'sec-fetch-site') head.fetchSite ??= headers[index + 1]
        break
      }
      case 17:
        if (name.toLowerCase() !== 'transfer-encoding') break
        if (hasTransferEncoding || !/^\s*chunked\s*$/i.test(headers[index + 1] as string))
          head.ambiguity = 'Transfer-Encoding must be chunked, once.'
        hasTransferEncoding = true
        break
    }
  }
  return head
}

const nothingRead = (): RequestHead => ({
  authorization: undefined,
  apiKey: undefined,
  requestId: undefined,
  userAgent: undefined,
  contentLength: undefined,
  origin: undefined,
  host: undefined,
  fetchSite: undefined,
  ambiguity: undefined,
})

/** Finds the value of one header, for the rare cases that `readHead` does not cover. `name` is in lower case. */
export function headerOf(headers: readonly string[], name: string): string | undefined {
  for (let index = 0; index + 1 < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() === name) return headers[index + 1]
  }
  return undefined
}
