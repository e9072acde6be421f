import { type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { errorText } from './error-text.js'

interface Answer {
  readonly status: number
  readonly message: string
}

/** What node's parser and timers refuse, by their codes; everything else is bad HTTP. */
const answers: ReadonlyMap<unknown, Answer> = new Map([
  ['HPE_HEADER_OVERFLOW', { status: 431, message: 'The headers of the request are larger than 16 KB.' }],
  [
    'HPE_CHUNK_EXTENSIONS_OVERFLOW',
    { status: 413, message: 'The chunks of the body carry too many extensions.' },
  ],
  ['ERR_HTTP_REQUEST_TIMEOUT', { status: 408, message: 'The request did not come in time.' }],
])

/**
 * Answers requests that node's parser refuses in the error shape of all others, and closes their connection: what
 * follows on it cannot be told apart. An answer that has begun is ended instead, as it is.
 */
export function answerBrokenRequests(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
    // Node's own way to tell, too: only the answer at the head of a connection has its socket.
    const current = Reflect.get(socket, '_httpMessage') as { headersSent: boolean } | null | undefined
    if (current?.headersSent === true) socket.end()
    else socket.end(answerTo(error))
    // Only once what was written is on its way; the client may go on sending.
    socket.once('finish', () => socket.destroy())
  })
}

function answerTo({ code, message }: NodeJS.ErrnoException): string {
  const { status, message: told } = answers.get(code) ?? {
    status: 400,
    message: `The request is not valid HTTP: ${message.replace(/^Parse Error:\s*/, '')}.`,
  }
  const body = errorText({ message: told, type: 'invalid_request_error', code: 'invalid_request' })
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'x-should-retry: false',
    'connection: close',
    `\r\n${body}`,
  ].join('\r\n')
}
