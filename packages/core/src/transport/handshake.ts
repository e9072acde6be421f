import type { Socket } from 'node:net'

/** The longest head of a proxy's answer. */
const maxHead = 16 * 1024

/** Reads what a proxy answers before its connection is handed on. */
export class Handshake {
  readonly #socket: Socket
  #bytes: Buffer = Buffer.alloc(0)
  #failure: Error | null = null
  #wake: (() => void) | null = null

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('readable', this.#onReadable)
    socket.on('error', this.#onError)
    socket.on('close', this.#onClose)
  }

  write(bytes: Uint8Array | string): void {
    this.#socket.write(bytes)
  }

  /** Exactly so many bytes. */
  async take(count: number): Promise<Buffer> {
    while (this.#bytes.length < count) await this.#more()
    return this.#cut(count)
  }

  /** The head of an HTTP answer, up to and with its empty line. */
  async takeHead(): Promise<string> {
    for (;;) {
      const end = this.#bytes.indexOf('\r\n\r\n')
      if (end >= 0) return this.#cut(end + 4).toString('latin1')
      if (this.#bytes.length > maxHead) throw new Error('the proxy does not answer like an HTTP proxy')
      await this.#more()
    }
  }

  /** Stops reading. What came behind the proxy's answer is the upstream's. */
  end(): void {
    const socket = this.#socket
    socket.off('readable', this.#onReadable)
    socket.off('close', this.#onClose)
    if (this.#bytes.length > 0) socket.unshift(this.#bytes)
  }

  #cut(count: number): Buffer {
    const taken = this.#bytes.subarray(0, count)
    this.#bytes = this.#bytes.subarray(count)
    return taken
  }

  #more(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) return reject(this.#failure)
      this.#wake = () => (this.#failure === null ? resolve() : reject(this.#failure))
      this.#onReadable()
    })
  }

  readonly #onReadable = (): void => {
    const chunk: Buffer | null = this.#socket.read()
    if (chunk === null) return
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    this.#awake()
  }

  // Stays, because an error after the handshake must not be an uncaught one.
  readonly #onError = (error: Error): void => {
    this.#failure ??= error
    this.#awake()
  }

  readonly #onClose = (): void => this.#onError(new Error('the proxy closed the connection'))

  #awake(): void {
    const wake = this.#wake
    this.#wake = null
    wake?.()
  }
}
