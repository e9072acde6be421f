import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SiteName } from '../catalogue/model.js'
import { handleControl } from '../control/handle-control.js'
import type { World } from '../world.js'
import { exchange } from './exchange.js'
import { objectPath, serveObject } from './object-store.js'

/** The address of one of the two sites. */
export interface Site {
  readonly name: SiteName
  readonly port: number
  /** The origin, `http://host:port`. */
  readonly origin: string
  /** The base URL for clients, `http://host:port/v1`. */
  readonly baseURL: string
}

export interface SiteOptions {
  world: World
  name: SiteName
  host: string
  /** The port; 0 picks a free one. */
  port: number
}

/** The server of a site. It refuses connections while a fault rule says so. */
export class SiteServer implements Site {
  readonly name: SiteName
  readonly #world: World
  readonly #host: string
  readonly #server: Server
  #port: number
  #change: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor({ world, name, host, port }: SiteOptions) {
    this.name = name
    this.#world = world
    this.#host = host
    this.#port = port
    // Slow uploads and long pauses are allowed, because the simulator must simulate them.
    this.#server = createServer({ requestTimeout: 0, keepAliveTimeout: 65_000 })
    this.#server.on('connection', (socket) => {
      if (world.faults.planConnection(name)?.kind === 'reset') socket.resetAndDestroy()
    })
    this.#server.on('request', (request, response) => {
      const { url = '' } = request
      if (url.startsWith(objectPath)) return serveObject(world, url, response)
      const context = { world, site: name, origin: this.origin }
      const isControl = url.startsWith('/_sim/')
      const handled = isControl
        ? handleControl(context, request, response)
        : exchange(context, request, response)
      handled.catch((error: unknown) => {
        // A defect of the simulator itself. The client must not mistake it for an error of the platform.
        console.error('sfpool simulator:', error)
        response.destroy()
      })
    })
  }

  get port(): number {
    return this.#port
  }

  get origin(): string {
    return `http://${this.#host.includes(':') ? `[${this.#host}]` : this.#host}:${this.#port}`
  }

  get baseURL(): string {
    return `${this.origin}/v1`
  }

  /** Starts to listen, unless a fault rule refuses connections from the start. */
  async open(): Promise<void> {
    await this.#listen()
    this.applyRefusal()
    await this.#change
  }

  /** Stops or starts listening as the fault rules say. `ready` resolves when that is done. */
  applyRefusal(): void {
    this.#change = this.#change.then(() => this.#matchRefusal())
    // A failure is reported by `ready`. It must not be unhandled when no caller waits for `ready`.
    this.#change.catch(() => {})
  }

  ready(): Promise<void> {
    return this.#change
  }

  /** Closes the site at once, including hanging connections. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#change
    if (this.#server.listening) await this.#unlisten()
  }

  async #matchRefusal(): Promise<void> {
    const isRefused = this.#isClosed || this.#world.faults.isRefused(this.name)
    if (isRefused === !this.#server.listening) return
    await (isRefused ? this.#unlisten() : this.#listen())
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#port, this.#host, () => {
        this.#server.off('error', reject)
        this.#port = (this.#server.address() as AddressInfo).port
        resolve()
      })
    })
  }

  #unlisten(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      // Delayed, so that an answer about this change can still be sent.
      setImmediate(() => this.#server.closeAllConnections())
    })
  }
}
