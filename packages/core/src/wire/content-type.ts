/** `application/json` and its kin, but not the line-wise kinds, which are streams. */
export const isJsonType = (type: string | undefined): boolean =>
  type !== undefined && /\bjson\s*(?:;|$)/i.test(type)

/** A stream of server-sent events. */
export const isStreamType = (type: string | undefined): boolean =>
  type !== undefined && /^text\/event-stream\b/i.test(type)
