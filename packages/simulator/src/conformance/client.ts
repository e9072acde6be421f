import { type ClientRequest, type IncomingMessage, request as startRequest } from 'node:http'
import type { Question } from './questions.js'

/** What a client observed of one request. */
export interface ClientView {
  /** The status; undefined when no answer began. */
  status: number | undefined
  headers: Readonly<Record<string, string | string[] | undefined>>
  body: Buffer
  /** How it ended. `clean`: properly; `cut`: too early; `open`: not within `patienceMs`; `left`: the client left. */
  ending: 'clean' | 'cut' | 'open' | 'left'
  /** The instant at which the client left, in milliseconds since the epoch. */
  leftAt?: number
}

export interface ClientOptions {
  baseURL: string
  headers: Readonly<Record<string, string>>
  question: Question
  /** How long the client waits for the end of the answer, in milliseconds. */
  patienceMs: number
}

/** A request under way. */
export interface Client {
  readonly view: Readonly<ClientView>
  /** Resolves when the request has ended for the client, in any way. */
  readonly over: Promise<ClientView>
  /** Closes the connection at once. */
  leave(): void
}

export interface ClientBehaviour {
  /** The client does not read the answer. */
  isNotReading?: boolean
  /** The client sends only half of the body. */
  isUploading?: boolean
}

/** Sends a request on a new connection. */
export function openClient(options: ClientOptions, behaviour: ClientBehaviour = {}): Client {
  const { baseURL, headers, question, patienceMs } = options
  const request = startRequest(`${baseURL}${question.path}`, {
    method: question.method,
    headers: { ...question.headers, ...headers, 'content-length': question.body.length },
    agent: false,
  })
  const view: ClientView = { status: undefined, headers: {}, body: Buffer.alloc(0), ending: 'open' }
  const chunks: Buffer[] = []
  let isOver = false
  let finish: (ending: ClientView['ending']) => void = () => {}
  const over = new Promise<ClientView>((resolve) => {
    finish = (ending) => {
      if (isOver) return
      isOver = true
      clearTimeout(patience)
      view.body = Buffer.concat(chunks)
      view.ending = ending
      resolve(view)
      request.destroy()
    }
  })
  const patience = setTimeout(() => finish('open'), patienceMs)
  request.on('error', () => finish('cut'))
  request.on('response', (response) => {
    view.status = response.statusCode
    view.headers = response.headers
    if (behaviour.isNotReading !== true) read(response, chunks, finish)
  })
  sendBody(request, question.body, behaviour)
  return {
    view,
    over,
    leave() {
      view.leftAt = Date.now()
      finish('left')
    },
  }
}

function read(
  response: IncomingMessage,
  chunks: Buffer[],
  finish: (ending: ClientView['ending']) => void,
): void {
  response.on('data', (chunk: Buffer) => chunks.push(chunk))
  response.on('end', () => finish(response.complete ? 'clean' : 'cut'))
  response.on('error', () => finish('cut'))
  response.on('close', () => finish('cut'))
}

function sendBody(request: ClientRequest, body: Buffer, { isUploading = false }: ClientBehaviour): void {
  if (isUploading) request.write(body.subarray(0, Math.floor(body.length / 2)))
  else request.end(body)
}
