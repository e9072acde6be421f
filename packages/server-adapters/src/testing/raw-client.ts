import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A client that sends exactly the given bytes, for requests that no well-behaved client would send. */
export interface RawClient {
  readonly socket: Socket
  send(text: string | Uint8Array): void
  /** Everything received so far. */
  received(): string
  /** Resolves when the received text matches. */
  until(pattern: RegExp): Promise<string>
  /** Resolves with everything received once the server has closed the connection. */
  closed(): Promise<string>
}

/** Connects a client to a loopback port. The connection is closed when the test ends. */
export async function rawClient(port: number): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: false })
  onTestFinished(() => {
    socket.destroy()
  })
  let text = ''
  const waiting = new Set<() => void>()
  let isClosed = false
  const checkAll = (): void => {
    for (const check of waiting) check()
  }
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    text += chunk
    checkAll()
  })
  // A server may close by a reset after its answer; tests look at what arrived before.
  socket.on('error', () => {})
  socket.on('close', () => {
    isClosed = true
    checkAll()
  })
  await new Promise((resolve) => socket.once('connect', resolve))

  const when = (isMet: () => boolean, what: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (isMet()) resolve(text)
        else if (isClosed) reject(new Error(`connection closed before ${what}; received: ${text}`))
        else return
        waiting.delete(check)
      }
      waiting.add(check)
      check()
    })

  return {
    socket,
    send: (data) => socket.write(data),
    received: () => text,
    until: (pattern) => when(() => pattern.test(text), String(pattern)),
    closed: () => when(() => isClosed, 'the end'),
  }
}
