/** An answer whose body is read and, if it is JSON, parsed. */
export interface Answer {
  status: number
  headers: Headers
  text: string
  json: unknown
}

export interface AskOptions {
  key?: string | undefined
  body?: unknown
  form?: FormData
  method?: string
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** Sends a request: POST with a body, GET without one. */
export function send(
  url: string,
  { key, body, form, method, headers = {}, signal }: AskOptions = {},
): Promise<Response> {
  const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` }
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return fetch(url, {
    method: method ?? (body === undefined && form === undefined ? 'GET' : 'POST'),
    headers: { ...authorization, ...type, ...headers },
    ...(body === undefined ? {} : { body: text }),
    ...(form === undefined ? {} : { body: form }),
    ...(signal === undefined ? {} : { signal }),
  })
}

export async function ask(url: string, options: AskOptions = {}): Promise<Answer> {
  const response = await send(url, options)
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: parse(text) }
}

/** Returns the events of a stream, without `data: `. */
export function eventsOf(text: string): string[] {
  return text
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => event.replace(/^data: /, ''))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const hello: readonly unknown[] = [{ role: 'user', content: 'Hello, 世界' }]
