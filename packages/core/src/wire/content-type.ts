/** Whether a body is one JSON text: `application/json` and its kin, but not JSON lines, which are streams. */
export const isJsonType = (type: string | undefined): boolean =>
  type !== undefined && /\bjson\s*(?:;|$)/i.test(type)

/** Whether a body is a stream of server-sent events. */
export const isStreamType = (type: string | undefined): boolean =>
  type !== undefined && /^text\/event-stream\b/i.test(type)
