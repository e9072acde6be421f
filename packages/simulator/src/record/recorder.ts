import { BoundedLog } from '../bounded-log.js'
import type { SiteName } from '../catalogue/model.js'
import type { Settings } from '../scenario/settings.js'
import type { RecordedRequest } from './recorded-request.js'

/** The part of a record that is known when a request arrives. */
export interface RequestHead {
  site: SiteName
  method: string
  path: string
  query: string
  rawHeaders: readonly string[]
  receivedAt: number
}

type Bounds = Pick<
  Settings,
  'recordedRequests' | 'recordedBodyBytes' | 'recordedTotalBytes' | 'recordedResponseBytes'
>

const nothing = Buffer.alloc(0)

/** Records the last requests, with as much of their bodies as the settings allow. */
export class Recorder {
  readonly #log: BoundedLog<Entry>
  readonly #bounds: () => Bounds
  #count = 0
  #keptBytes = 0
  /** The entries with a body, oldest first, starting at `#firstBody`. */
  #bodies: Entry[] = []
  #firstBody = 0

  constructor(bounds: () => Bounds) {
    this.#bounds = bounds
    this.#log = new BoundedLog(bounds().recordedRequests, (entry) => this.#forget(entry))
  }

  get requests(): readonly RecordedRequest[] {
    return this.#log.entries
  }

  /** The number of requests since the start, kept or not. */
  get count(): number {
    return this.#count
  }

  begin(head: RequestHead): RecordedRequest {
    this.#count += 1
    const entry = new Entry(`request-${this.#count}`, head)
    this.#log.append(entry)
    return entry
  }

  /** Keeps as much of a request body as the bounds allow. */
  keepBody(record: RecordedRequest, body: Buffer): void {
    const { recordedBodyBytes, recordedTotalBytes, recordedRequests } = this.#bounds()
    record.bodySize = body.length
    const length = recordedRequests === 0 ? 0 : Math.min(body.length, recordedBodyBytes, recordedTotalBytes)
    record.isBodyTruncated = length < body.length
    if (length === 0 || !(record instanceof Entry)) return
    // Copied, because the original may be a view of a much larger network buffer.
    record.body = Buffer.from(body.subarray(0, length))
    this.#bodies.push(record)
    this.#keptBytes += length
    while (this.#keptBytes > recordedTotalBytes) {
      const oldest = this.#bodies[this.#firstBody]
      if (oldest === undefined) break
      this.#forget(oldest)
    }
  }

  /** Counts the sent bytes of an answer, and keeps as many as the bounds allow. */
  keepResponse(record: RecordedRequest, data: string | Buffer): void {
    const { recordedResponseBytes, recordedRequests } = this.#bounds()
    const length = Buffer.byteLength(data)
    const free = Math.max(recordedResponseBytes - record.responseBytes, 0)
    record.responseBytes += length
    if (free === 0 || recordedRequests === 0 || !(record instanceof Entry)) return
    record.keepResponse(Buffer.from(data).subarray(0, free))
  }

  clear(): void {
    this.#log.clear()
    this.#bodies = []
    this.#firstBody = 0
    this.#keptBytes = 0
  }

  /** Applies changed bounds. */
  applyBounds(): void {
    this.#log.capacity = this.#bounds().recordedRequests
  }

  /** Drops a body, and the empty slots at the front of the queue. */
  #forget(entry: Entry): void {
    if (entry.body.length === 0) return
    this.#keptBytes -= entry.body.length
    entry.body = nothing
    entry.isBodyTruncated = true
    while (this.#bodies[this.#firstBody]?.body.length === 0) this.#firstBody += 1
    if (this.#firstBody < 1024 || this.#firstBody * 2 < this.#bodies.length) return
    this.#bodies = this.#bodies.slice(this.#firstBody)
    this.#firstBody = 0
  }
}

class Entry implements RecordedRequest {
  readonly id: string
  readonly site: SiteName
  readonly method: string
  readonly path: string
  readonly query: string
  readonly rawHeaders: readonly string[]
  readonly receivedAt: number
  key?: string
  account?: string
  model?: string
  bodySize = 0
  body: Buffer = nothing
  isBodyTruncated = false
  status?: number
  faults: readonly string[] = []
  eventCount = 0
  responseBytes = 0
  #response: Buffer[] = []
  finishedAt?: number
  abortedAt?: number

  constructor(id: string, head: RequestHead) {
    this.id = id
    this.site = head.site
    this.method = head.method
    this.path = head.path
    this.query = head.query
    this.rawHeaders = head.rawHeaders
    this.receivedAt = head.receivedAt
  }

  keepResponse(bytes: Buffer): void {
    this.#response.push(bytes)
  }

  get responseBody(): Buffer {
    if (this.#response.length > 1) this.#response = [Buffer.concat(this.#response)]
    return this.#response[0] ?? nothing
  }

  /** Computed on access, because most records are never read. */
  get headers(): Readonly<Record<string, string>> {
    const headers: Record<string, string> = Object.create(null)
    for (let index = 0; index + 1 < this.rawHeaders.length; index += 2) {
      const name = this.rawHeaders[index]?.toLowerCase() ?? ''
      const value = this.rawHeaders[index + 1] ?? ''
      headers[name] = name in headers ? `${headers[name]}, ${value}` : value
    }
    return headers
  }
}
