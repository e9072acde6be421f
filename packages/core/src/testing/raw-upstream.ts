import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** One TCP connection as the upstream sees it. */
export interface RawConnection {
  readonly socket: Socket
  /** Everything received so far, as Latin-1 text. */
  received: string
  /** Both sides have let go. */
  isClosed: boolean
  /** Resolves when what was received contains this text, from the given position on. */
  until(text: string, from?: number): Promise<void>
}

/** A TCP server that says exactly what a test makes it say, right or wrong. */
export interface RawUpstream {
  readonly port: number
  readonly origin: string
  /** In the order in which they came. */
  readonly connections: readonly RawConnection[]
  close(): Promise<void>
}

/** Listens on loopback until the test is over; `script` plays the part of the upstream on each connection. */
export async function rawUpstream(
  script: (connection: RawConnection) => void | Promise<void>,
): Promise<RawUpstream> {
  const connections: RawConnection[] = []
  const server = createServer({ noDelay: true }, (socket) => {
    const connection = watch(socket)
    connections.push(connection)
    void script(connection)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      for (const { socket } of connections) socket.destroy()
      server.close(() => resolve())
    })
  onTestFinished(close)
  return { port, origin: `http://127.0.0.1:${port}`, connections, close }
}

function watch(socket: Socket): RawConnection {
  const waiting = new Set<() => void>()
  const connection: RawConnection = {
    socket,
    received: '',
    isClosed: false,
    until: (text, from = 0) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!connection.received.includes(text, from)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
  }
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    connection.received += text
    for (const look of waiting) look()
  })
  // The other side may leave at any moment; that is what such tests are about.
  socket.on('error', () => {})
  socket.on('close', () => {
    connection.isClosed = true
  })
  return connection
}

/** A script that waits for the end of each request's head, then sends the next of these answers. */
export function answering(
  ...answers: readonly (string | Buffer)[]
): (connection: RawConnection) => Promise<void> {
  const left = [...answers]
  return async (connection) => {
    for (let from = 0; left.length > 0; ) {
      await connection.until('\r\n\r\n', from)
      from = connection.received.length
      const answer = left.shift()
      if (answer !== undefined) connection.socket.write(answer)
    }
  }
}

/** A whole answer, `content-length` included. */
export function answer(status: string, headers: readonly string[], body: string | Buffer = ''): Buffer {
  const bytes = Buffer.from(body)
  const head = [`HTTP/1.1 ${status}`, ...headers, `content-length: ${bytes.length}`].join('\r\n')
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), bytes])
}
