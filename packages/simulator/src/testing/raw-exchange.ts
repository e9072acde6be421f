import { connect } from 'node:net'

/** The answer over a plain socket. */
export interface RawAnswer {
  bytes: Buffer
  /** How the connection ended: orderly, by a reset, or not within `waitMs`. */
  ending: 'end' | 'ECONNRESET' | 'ECONNREFUSED' | 'open'
}

export interface RawRequest {
  port: number
  key: string
  body: unknown
  path?: string
  /** How long a silent connection is observed. @default 150 */
  waitMs?: number
}

/** Sends a raw POST over a socket, and reads until the connection ends or is silent. */
export function rawExchange({
  port,
  key,
  body,
  path = '/v1/chat/completions',
  waitMs = 150,
}: RawRequest): Promise<RawAnswer> {
  const text = JSON.stringify(body)
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: localhost',
    `Authorization: Bearer ${key}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Connection: close',
  ]
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1')
    const finish = (ending: RawAnswer['ending']): void => {
      socket.destroy()
      resolve({ bytes: Buffer.concat(chunks), ending })
    }
    socket.setTimeout(waitMs, () => finish('open'))
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('end', () => finish('end'))
    socket.on('error', (error: NodeJS.ErrnoException) => finish(error.code as RawAnswer['ending']))
    socket.write(`${head.join('\r\n')}\r\n\r\n${text}`)
  })
}
